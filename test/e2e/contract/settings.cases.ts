import type { Area, GivenWorld } from '../support/contract/contract-case';

const READ = 'GET /api/v1/admin/settings';
const CHANGE = 'PATCH /api/v1/admin/settings';

const as = 'admin';
/** Whichever it is: every change makes another. */
const ANY_VERSION = Array.from({ length: 99 }, (_, version) => `"${String(version + 1)}"`).join(',');

/** For cases: what holds from then on. */
export function settingTo(body: Readonly<Record<string, unknown>>): (world: GivenWorld) => Promise<void> {
  return ({ ask }) => ask({ operation: CHANGE, as, headers: { 'if-match': ANY_VERSION }, body });
}

export const SETTINGS: Area = {
  name: 'settings',
  service: 'frontend',
  cases: [
    { operation: READ, name: 'Those in force', as, status: 200, keep: 'settings' },
    {
      ...{ operation: CHANGE, name: 'An announcement', as, headers: { 'if-match': '$settings.etag' }, status: 200 },
      body: { announcement: 'New gateways from Monday on.', max_validity_days: 90 },
    },
    {
      ...{ operation: CHANGE, name: 'Back to a default', as, headers: { 'if-match': ANY_VERSION }, status: 200 },
      body: { announcement: null, max_validity_days: null },
    },
    {
      ...{
        operation: CHANGE,
        name: 'Of what somebody has changed meanwhile',
        as,
        headers: { 'if-match': '$settings.etag' },
      },
      ...{ body: { announcement: 'Too late' }, status: 412, code: 'settings_changed_meanwhile' },
    },
    {
      ...{ operation: CHANGE, name: 'Without having read', as, body: { announcement: 'Blind' } },
      ...{ status: 428, code: 'settings_version_required' },
    },
  ],
};
