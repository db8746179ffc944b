import { DomainError } from '@libs/http';

/**
 * The address is the other frontend's: 403. A redirect would have a program's credential dropped, or sent to where it was
 * not meant for.
 */
export class ServedElsewhere extends DomainError {
  /** @param url where it is served, without query */
  constructor(by: 'users' | 'administrators', url: string) {
    super({
      code: 'served_elsewhere',
      status: 403,
      title: `This is served at the address for ${by}`,
      detail: `Use ${url}`,
      extensions: { url },
    });
  }
}
