import { DomainError } from '@libs/http';

/** A change must say which version it is about: 428 (RFC 6585 §3). */
export class SettingsVersionRequired extends DomainError {
  constructor() {
    super({
      code: 'settings_version_required',
      status: 428,
      title: 'Say which version of the settings you have seen',
      detail: 'Send the ETag of GET /api/v1/admin/settings as If-Match, such as "3".',
    });
  }
}

/** Somebody else was faster: 412, nothing was changed. */
export class SettingsChangedMeanwhile extends DomainError {
  constructor(version: number) {
    super({
      code: 'settings_changed_meanwhile',
      status: 412,
      title: 'The settings have been changed since you read them',
      detail: 'Read them again and repeat your change.',
      headers: { ETag: `"${String(version)}"` },
    });
  }
}
