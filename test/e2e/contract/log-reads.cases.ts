import type { Area } from '../support/contract/contract-case';

const INCLUSION = 'GET /api/v1/proofs/inclusion';
const CONSISTENCY = 'GET /api/v1/proofs/consistency';
const TILE = 'GET /tile/{path}';

const as = 'reader';
const TEXT = { accept: 'text/plain' };
const UNKNOWN = '0'.repeat(64);
const FAR = '9000000';
const fingerprint = '$first.fingerprint';

export const PROOFS: Area = {
  name: 'proofs',
  service: 'certtransparency',
  cases: [
    { operation: 'GET /checkpoint', name: 'The latest', headers: TEXT, status: 200, keep: 'checkpoint' },
    {
      ...{ operation: 'GET /checkpoint', name: 'The same still', status: 304 },
      headers: { ...TEXT, 'if-none-match': '$checkpoint.etag' },
    },
    { operation: INCLUSION, name: 'A receipt', as, query: { fingerprint }, headers: TEXT, status: 200 },
    { operation: INCLUSION, name: 'The proof alone', as, query: { fingerprint }, status: 200 },
    {
      ...{ operation: INCLUSION, name: 'Of what is not there', as, query: { fingerprint: UNKNOWN } },
      ...{ status: 404, code: 'certificate_not_found' },
    },
    {
      ...{ operation: INCLUSION, name: 'In a log of another size', as, query: { fingerprint, size: FAR } },
      ...{ status: 404, code: 'checkpoint_not_found' },
    },
    {
      ...{ operation: INCLUSION, name: 'In the log as it was before', as, query: { fingerprint, size: '1' } },
      ...{ status: 404, code: 'entry_not_covered' },
    },
    { operation: CONSISTENCY, name: 'From the first entries on', as, query: { from: '3' }, status: 200 },
    {
      ...{ operation: CONSISTENCY, name: 'With a log that is not there yet', as, query: { from: '3', to: FAR } },
      ...{ status: 404, code: 'checkpoint_not_found' },
    },
    { operation: TILE, name: 'The first hash', as, path: { path: '0/000.p/1' }, status: 200, keep: 'tile' },
    {
      ...{ operation: TILE, name: 'The same still', as, path: { path: '0/000.p/1' }, status: 304 },
      headers: { 'if-none-match': '$tile.etag' },
    },
    {
      operation: TILE,
      name: 'One that is not there',
      as,
      path: { path: '7/000' },
      status: 404,
      code: 'tile_not_found',
    },
  ],
};

const SEARCH = 'GET /api/v1/certificates';
const READ = 'GET /api/v1/certificates/{fingerprint}';
const FEED = 'GET /api/v1/revocations';

export const LOG_SEARCH: Area = {
  name: 'what is searched',
  service: 'certtransparency',
  cases: [
    { operation: SEARCH, name: 'The newest', as, query: { limit: '1' }, status: 200, keep: 'found' },
    { operation: SEARCH, name: 'The next page', as, query: { limit: '1', cursor: '$found.next_cursor' }, status: 200 },
    {
      ...{ operation: SEARCH, name: 'By issuer and status', as, status: 200 },
      query: { issuer: '$first.issuer', status: 'revoked', kind: 'user', limit: '1' },
    },
    { operation: READ, name: 'One of them', as, path: { fingerprint }, status: 200 },
    {
      ...{ operation: READ, name: 'One that is not there', as, path: { fingerprint: UNKNOWN } },
      ...{ status: 404, code: 'certificate_not_found' },
    },
    { operation: FEED, name: 'From the beginning', as, query: { since: '0', limit: '1' }, status: 200 },
    {
      operation: FEED,
      name: 'Of one issuer',
      as,
      query: { since: '0', issuer: '$first.issuer', limit: '1' },
      status: 200,
    },
    {
      operation: FEED,
      name: 'Signed',
      as,
      query: { since: '0', extends: '1', limit: '1' },
      headers: TEXT,
      status: 200,
    },
    { operation: 'GET /api/v1/statistics', name: 'Of two days', as, query: { days: '2' }, status: 200 },
  ],
};

const PROVE = 'POST /api/v1/context-proofs';
const ERASE = 'POST /api/v1/context-erasures';
const salt = `${'A'.repeat(43)}=`;

export const CONTEXTS: Area = {
  name: 'private contexts',
  service: 'certtransparency',
  cases: [
    { operation: PROVE, name: 'Of another context', as, body: { index: 0, salt, context: '{}' }, status: 200 },
    {
      ...{ operation: PROVE, name: 'Of an entry that is not there', as, status: 404, code: 'entry_not_found' },
      body: { index: Number(FAR), salt, context: '{}' },
    },
    {
      ...{ operation: ERASE, name: 'Of one entry', as: 'eraser', status: 201 },
      body: { indexes: ['$entry.index'], reason: 'The person asked for it', actor: 'user:dpo' },
    },
    {
      ...{ operation: ERASE, name: 'Of nothing', as: 'eraser', status: 422, code: 'invalid_request' },
      body: { reason: 'Nothing to erase', actor: 'user:dpo' },
    },
  ],
};
