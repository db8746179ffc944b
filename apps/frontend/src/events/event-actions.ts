/** What an administrator can do that leaves an event, and the type of object that it is done to. */
export const EVENT_ACTIONS = {
  'psk.created': 'psk',
  'psk.changed': 'psk',
  'psk.revoked': 'psk',
  'api_token.created': 'api_token',
  'api_token.revoked': 'api_token',
  'setting.changed': 'setting',
  'session.ended': 'session',
  'user.sessions_ended': 'user',
  'user.disabled': 'user',
  'user.enabled': 'user',
  'certificate.revocation_requested': 'certificate',
  'certificate.revoked': 'certificate',
  'certificate.revocation_failed': 'certificate',
  'bulk_revocation.requested': 'bulk_revocation',
  'bulk_revocation.completed': 'bulk_revocation',
  'bulk_revocation.failed': 'bulk_revocation',
  'crl.rebuild_requested': 'crl',
  'crl.rebuilt': 'crl',
  'crl.rebuild_failed': 'crl',
} as const;

/** What an administrator did. */
export type EventAction = keyof typeof EVENT_ACTIONS;
/** What it was done to. */
export type EventObjectType = (typeof EVENT_ACTIONS)[EventAction];

export const EVENT_ACTION_NAMES = Object.keys(EVENT_ACTIONS) as readonly EventAction[];
export const EVENT_OBJECT_TYPES: readonly EventObjectType[] = [...new Set(Object.values(EVENT_ACTIONS))];
