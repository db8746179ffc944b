import type { Area, ContractCase, GivenWorld } from '../support/contract/contract-case';
import { settingTo } from './settings.cases';

const BY_QUERY = 'GET /download';
const BY_PATH = 'GET /download/{token}';
const BY_BODY = 'POST /download';
const LINK_LENGTH = '/download/'.length;

const UNKNOWN = `ovdl_${'A'.repeat(43)}`;
const accept = { headers: { accept: 'application/x-openvpn-profile, application/json' } };

/** A new link of the user, kept as `$download.token`. */
const newLink = linkFor('Phone');

function linkFor(device_name: string): (world: GivenWorld) => Promise<void> {
  return async ({ ask, keep, resolve }) => {
    const body = { delivery: 'link', device_name };
    await ask({ operation: 'POST /api/v1/profiles', as: 'user', body, keep: 'link' });
    const { pathname } = new URL(resolve('$link.url'));
    keep('download', { token: pathname.slice(LINK_LENGTH) });
  };
}

const fresh = { given: newLink };
const unknown = { status: 400, code: 'download_token_unknown' };
const used = { status: 410, code: 'download_token_used' };
const others = { as: 'admin', status: 403, code: 'download_token_of_another_user' } as const;

const IN_QUERY: readonly ContractCase[] = [
  {
    operation: 'HEAD /download',
    name: 'Whether it is good',
    query: { token: '$download.token' },
    status: 200,
    given: newLink,
  },
  { operation: 'HEAD /download', name: 'One that is unknown', query: { token: UNKNOWN }, status: 400 },
  {
    operation: 'HEAD /download',
    name: 'Of somebody else',
    as: 'admin',
    query: { token: '$download.token' },
    status: 403,
  },
  { operation: BY_QUERY, name: 'Of somebody else', query: { token: '$download.token' }, ...others },
  {
    operation: BY_QUERY,
    name: 'As programs of old do',
    query: { token: '$download.token' },
    ...accept,
    ...fresh,
    status: 200,
  },
  { operation: BY_QUERY, name: 'One that is used', query: { token: '$download.token' }, ...used },
  { operation: BY_QUERY, name: 'One that is unknown', query: { token: UNKNOWN }, ...unknown },
  { operation: 'HEAD /download', name: 'One that is used', query: { token: '$download.token' }, status: 410 },
];

const path = { token: '$download.token' };

const IN_PATH: readonly ContractCase[] = [
  { operation: 'HEAD /download/{token}', name: 'Whether it is good', path, status: 200, given: newLink },
  { operation: 'HEAD /download/{token}', name: 'One that is unknown', path: { token: UNKNOWN }, status: 400 },
  { operation: 'HEAD /download/{token}', name: 'Of somebody else', as: 'admin', path, status: 403 },
  { operation: BY_PATH, name: 'Of somebody else', path, ...others },
  { operation: BY_PATH, name: 'As the portal links to it', path, ...accept, ...fresh, status: 200 },
  { operation: BY_PATH, name: 'One that is used', path, ...used },
  { operation: BY_PATH, name: 'One that is unknown', path: { token: UNKNOWN }, ...unknown },
  { operation: 'HEAD /download/{token}', name: 'One that is used', path, status: 410 },
];

/** One whose time is over. */
const newExpiredLink = async (world: GivenWorld) => {
  await newLink(world);
  await world.change(`UPDATE download_tokens SET expires_at = '2020-01-01 00:00:00.000'`);
};
const expired = { status: 410, code: 'download_token_expired', given: newExpiredLink };

const TOO_LATE: readonly ContractCase[] = [
  { operation: BY_QUERY, name: 'One that has expired', query: { token: '$download.token' }, ...expired },
  { operation: BY_PATH, name: 'One that has expired', path, ...expired },
  { operation: BY_BODY, name: 'One that has expired', body: { token: '$download.token' }, ...expired },
];

const headers = { ...accept.headers, 'idempotency-key': 'download-of-today' };

const IN_BODY: readonly ContractCase[] = [
  { operation: BY_BODY, name: 'Of somebody else', body: { token: '$download.token' }, ...others, given: newLink },
  {
    ...{ operation: BY_BODY, name: 'For a key that stays with the program', headers, status: 200, given: newLink },
    body: { token: '$download.token', csr: '$ownKey.csr', device_name: 'Laptop' },
  },
  { operation: BY_BODY, name: 'One that is used', body: { token: '$download.token' }, ...used },
  { operation: BY_BODY, name: 'One that is unknown', body: { token: UNKNOWN }, ...unknown },
  {
    ...{ operation: BY_BODY, name: 'For what is no key', body: { token: '$download.token', csr: 'a key' } },
    ...{ status: 422, code: 'invalid_request', given: newLink },
  },
];

/** The person has profiles for other devices, and may have no more. */
const atTheLimit = (setting: string) => ({
  given: async (world: GivenWorld) => {
    await world.ask({ operation: 'POST /api/v1/me/certificates/revocations', as: 'user', body: {} });
    for (const device_name of ['Tablet', 'Laptop']) {
      await world.ask({ operation: 'POST /api/v1/profiles', as: 'user', body: { device_name } });
    }
    await linkFor('Watch')(world);
    await settingTo({ [setting]: 1 })(world);
  },
  afterwards: settingTo({ [setting]: null }),
});

const LIMITS = [
  { name: 'For one more device', code: 'device_limit_reached', ...atTheLimit('max_named_devices_per_user') },
  { name: 'One more than one may have', code: 'profile_limit_reached', ...atTheLimit('max_active_profiles_per_user') },
];

const REFUSED: readonly ContractCase[] = LIMITS.flatMap((limit) => [
  { operation: BY_QUERY, query: { token: '$download.token' }, status: 409, ...limit },
  { operation: BY_PATH, path, status: 409, ...limit },
  { operation: BY_BODY, body: { token: '$download.token' }, status: 409, ...limit },
]);

export const DOWNLOADS: Area = {
  name: 'downloads',
  service: 'frontend',
  cases: [...IN_QUERY, ...IN_PATH, ...TOO_LATE, ...IN_BODY, ...REFUSED],
};
