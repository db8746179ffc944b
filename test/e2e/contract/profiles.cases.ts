import type { Area, ContractCase, GivenWorld } from '../support/contract/contract-case';
import { settingTo } from './settings.cases';

const CREATE = 'POST /api/v1/profiles';

const as = 'user';
const body = { options: ['full-tunnel'], device_name: 'Laptop' };

const CREATIONS: readonly ContractCase[] = [
  { operation: CREATE, name: 'With an option, for a device', as, body, status: 200, keep: 'laptop' },
  { operation: CREATE, name: 'As a link', as, body: { ...body, delivery: 'link' }, status: 201, keep: 'link' },
  {
    ...{ operation: CREATE, name: 'For a key that was made there', as, status: 200 },
    ...{ headers: { 'idempotency-key': 'profile-of-the-tablet' }, body: { device_name: 'Tablet', csr: '$ownKey.csr' } },
  },
  {
    ...{ operation: CREATE, name: 'The same once more', as, status: 200 },
    ...{ headers: { 'idempotency-key': 'profile-of-the-tablet' }, body: { device_name: 'Tablet', csr: '$ownKey.csr' } },
  },
];

const REFUSED: readonly ContractCase[] = [
  {
    ...{ operation: CREATE, name: 'With an option that does not exist', as, body: { options: ['warp'] } },
    ...{ status: 422, code: 'template_choice_unknown' },
  },
  {
    ...{ operation: CREATE, name: 'As a link with a key', as, body: { delivery: 'link', csr: '$ownKey.csr' } },
    ...{ status: 422, code: 'invalid_request' },
  },
  {
    ...{
      operation: CREATE,
      name: 'For what is no key',
      as,
      body: { csr: 'a key' },
      status: 422,
      code: 'invalid_request',
    },
  },
  {
    ...{ operation: CREATE, name: 'Another with the same Idempotency-Key', as, body: { csr: '$otherKey.csr' } },
    ...{ headers: { 'idempotency-key': 'profile-of-the-tablet' }, status: 422, code: 'idempotency_key_reused' },
  },
  {
    ...{
      operation: CREATE,
      name: 'Once more, whose key was handed out',
      as,
      status: 409,
      code: 'idempotency_key_used',
    },
    ...{ headers: { 'idempotency-key': 'profile-of-the-phone' }, body: {} },
    given: ({ ask }) =>
      ask({ operation: CREATE, as, headers: { 'idempotency-key': 'profile-of-the-phone' }, body: {} }),
  },
  {
    ...{
      operation: CREATE,
      name: 'One more than one may have',
      as,
      body: {},
      status: 409,
      code: 'profile_limit_reached',
    },
    ...{
      given: settingTo({ max_active_profiles_per_user: 1 }),
      afterwards: settingTo({ max_active_profiles_per_user: null }),
    },
  },
  {
    ...{ operation: CREATE, name: 'For one more device', as, body: { device_name: 'Phone' } },
    ...{ status: 409, code: 'device_limit_reached' },
    ...{
      given: settingTo({ max_named_devices_per_user: 1 }),
      afterwards: settingTo({ max_named_devices_per_user: null }),
    },
  },
];

export const PROFILES: Area = { name: 'profiles', service: 'frontend', cases: [...CREATIONS, ...REFUSED] };

const LIST = 'GET /api/v1/me/certificates';
const READ = 'GET /api/v1/me/certificates/{fingerprint}';
const RENEW = 'POST /api/v1/me/certificates/{fingerprint}/renewal';
const REVOKE = 'POST /api/v1/me/certificates/{fingerprint}/revocation';
const REVOKE_ALL = 'POST /api/v1/me/certificates/revocations';

const newProfile = ({ ask }: GivenWorld) => ask({ operation: CREATE, as, body: { device_name: 'Desk' }, keep: 'old' });

const path = { fingerprint: '$laptop.certificate-fingerprint' };
const unknown = { path: { fingerprint: '0'.repeat(64) }, status: 404, code: 'certificate_not_found' };

export const MY_CERTIFICATES: Area = {
  name: 'certificates of one’s own',
  service: 'frontend',
  cases: [
    { operation: LIST, name: 'The newest', as, query: { limit: '1' }, status: 200, keep: 'mine' },
    { operation: LIST, name: 'The next page', as, query: { limit: '1', cursor: '$mine.next_cursor' }, status: 200 },
    { operation: READ, name: 'One of them', as, path, status: 200 },
    { operation: READ, name: 'One that is not there', as, ...unknown },
    {
      ...{ operation: RENEW, name: 'Of one of them', as, body: {}, headers: { 'idempotency-key': 'renewal-of-today' } },
      ...{ path: { fingerprint: '$old.certificate-fingerprint' }, status: 200, given: newProfile },
    },
    {
      ...{ operation: RENEW, name: 'With too many others', as, body: {}, status: 409, code: 'profile_limit_reached' },
      ...{ path: { fingerprint: '$old.certificate-fingerprint' } },
      given: async (world) => {
        await newProfile(world);
        await newProfile(world);
        await settingTo({ max_active_profiles_per_user: 1 })(world);
      },
      afterwards: settingTo({ max_active_profiles_per_user: null }),
    },
    {
      ...{
        operation: RENEW,
        name: 'Of one that was renewed',
        as,
        path: { fingerprint: '$old.certificate-fingerprint' },
      },
      ...{ body: {}, status: 409, code: 'certificate_not_renewable' },
      given: async (world) => {
        await newProfile(world);
        await world.ask({ operation: RENEW, as, path: { fingerprint: '$old.certificate-fingerprint' }, body: {} });
      },
    },
    { operation: RENEW, name: 'Of one that is not there', as, body: {}, ...unknown },
    { operation: REVOKE, name: 'Of one that was lost', as, path, body: { reason: 'key_compromise' }, status: 200 },
    { operation: REVOKE, name: 'Of one that is not there', as, body: {}, ...unknown },
    { operation: REVOKE_ALL, name: 'Of all of them', as, body: { reason: 'cessation_of_operation' }, status: 200 },
  ],
};
