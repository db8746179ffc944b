import { DomainError } from '@libs/http';

/** The log signed no checkpoint of that size, or has not got that far. */
export class CheckpointNotFound extends DomainError {
  constructor() {
    super({ code: 'checkpoint_not_found', status: 404, title: 'The log has no checkpoint of this size' });
  }
}

/** The entry came after the size that was asked about. */
export class EntryNotCovered extends DomainError {
  constructor() {
    super({ code: 'entry_not_covered', status: 404, title: 'The entry is not in the log of this size' });
  }
}

/** No such tile in a log of this size; it may be there later. */
export class TileNotFound extends DomainError {
  constructor() {
    super({ code: 'tile_not_found', status: 404, title: 'The log has no such tile' });
  }
}
