import type { Area, ContractCase, GivenWorld } from '../support/contract/contract-case';

const SEARCH = 'GET /api/v1/admin/certificates';
const READ = 'GET /api/v1/admin/certificates/{fingerprint}';
const PROOF = 'GET /api/v1/admin/certificates/{fingerprint}/proof';
const REVOKE = 'POST /api/v1/admin/certificates/{fingerprint}/revocation';
const BULK = 'POST /api/v1/admin/revocations';

const as = 'auditor';
const administrator = 'certificate_administrator';
const path = { fingerprint: '$issued.certificate-fingerprint' };
const unknown = { path: { fingerprint: '0'.repeat(64) }, status: 404, code: 'certificate_not_found' };

const newProfile = ({ ask }: GivenWorld) =>
  ask({ operation: 'POST /api/v1/profiles', as: 'user', body: { device_name: 'Laptop' }, keep: 'issued' });

export const CERTIFICATES: Area = {
  name: 'certificates',
  service: 'frontend',
  cases: [
    { operation: SEARCH, name: 'The newest', as, query: { limit: '1' }, status: 200, given: newProfile, keep: 'found' },
    { operation: SEARCH, name: 'The next page', as, query: { limit: '1', cursor: '$found.next_cursor' }, status: 200 },
    {
      ...{ operation: SEARCH, name: 'Of a person, by a part of the name', as, status: 200 },
      query: { user: '$user.id', subject: 'uma', type: 'user', status: 'valid', limit: '1' },
    },
    { operation: READ, name: 'One of them', as, path, status: 200 },
    { operation: READ, name: 'One that is not there', as, ...unknown },
    { operation: PROOF, name: 'Of one of them', as, path, headers: { accept: 'text/plain' }, status: 200 },
    { operation: PROOF, name: 'Of one that is not there', as, ...unknown },
    {
      ...{ operation: REVOKE, name: 'Of one of them', as: administrator, path, status: 200 },
      body: { reason: 'key_compromise', comment: 'The laptop was stolen' },
    },
    { operation: REVOKE, name: 'Once more', as: administrator, path, body: { reason: 'superseded' }, status: 200 },
    {
      operation: REVOKE,
      name: 'Of one that is not there',
      as: administrator,
      body: { reason: 'superseded' },
      ...unknown,
    },
  ],
};

const dryRun: ContractCase = {
  ...{ operation: BULK, name: 'What would be revoked of a person', as: administrator, status: 200, keep: 'dryRun' },
  body: { user: '$user.id' },
};
const order = { user: '$user.id', dry_run: false, confirmation: '$dryRun.confirmation', reason: 'affiliation_changed' };

export const BULK_REVOCATIONS: Area = {
  name: 'revocations of many',
  service: 'frontend',
  cases: [
    { ...dryRun, given: newProfile },
    {
      ...{ operation: BULK, name: 'More than the fuse lets through', as: administrator, body: order },
      ...{ status: 409, code: 'revocation_fuse_exceeded' },
    },
    {
      ...{ operation: BULK, name: 'Of what is not the same any more', as: administrator, given: newProfile },
      ...{ body: { ...order, override_fuse: true }, status: 409, code: 'revocation_set_changed' },
    },
    {
      ...{
        operation: BULK,
        name: 'Of a person',
        as: administrator,
        body: { ...order, override_fuse: true },
        status: 200,
      },
      given: ({ ask }) => ask(dryRun),
    },
    {
      ...{ operation: BULK, name: 'Of a key that is not there', as: administrator, status: 404, code: 'psk_not_found' },
      body: { psk: '00000000-0000-4000-8000-000000000000' },
    },
    {
      ...{ operation: BULK, name: 'Of nobody', as: administrator, body: {}, status: 422, code: 'invalid_request' },
    },
  ],
};
