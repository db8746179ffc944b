import { type LogEntry, type UpstreamRefused, UpstreamUnavailable } from '@libs/contracts';
import { DomainError } from '@libs/http';
import { Logger } from '@nestjs/common';

/**
 * The log takes an entry of ours for invalid: the two do not understand each other, and will not until an operator has looked. 502
 * without `Retry-After`: nothing was recorded, nothing leaves, and asking again would change nothing.
 */
export class EntryRefused extends DomainError {
  constructor(cause: UpstreamRefused) {
    super({ code: 'log_refused_entry', status: 502, title: 'The log refuses the entry', cause });
  }
}

/** What the log says of an entry that will never be one; other refusals, as of a route that it does not have yet, pass. */
const FINAL_STATUSES: readonly number[] = [400, 413, 422];

const logger = new Logger('Log');

/** What a refusal that its caller has no use for means to our own caller; raises the alarm where it is final. */
export function uselessRefusal(refusal: UpstreamRefused, type: LogEntry['type']): DomainError {
  const { upstreamStatus, upstreamCode } = refusal;
  if (!FINAL_STATUSES.includes(upstreamStatus)) return new UpstreamUnavailable('certtransparency', { cause: refusal });
  logger.error({ msg: 'log refused an entry', type, status: upstreamStatus, code: upstreamCode, err: refusal });
  return new EntryRefused(refusal);
}
