import { DomainError } from '@libs/http';

/** No token, or none of ours. */
export class DownloadTokenUnknown extends DomainError {
  constructor() {
    super({ code: 'download_token_unknown', status: 400, title: 'This download link is not valid' });
  }
}

/** Somebody else is signed in than the person who made the link. */
export class DownloadTokenOfAnotherUser extends DomainError {
  constructor() {
    super({
      code: 'download_token_of_another_user',
      status: 403,
      title: 'This download link belongs to somebody else',
    });
  }
}

export class DownloadTokenExpired extends DomainError {
  constructor() {
    super({ code: 'download_token_expired', status: 410, title: 'This download link has expired' });
  }
}

/** Used, or in use at this moment: a link gives one profile. */
export class DownloadTokenUsed extends DomainError {
  constructor() {
    super({ code: 'download_token_used', status: 410, title: 'This download link has been used' });
  }
}
