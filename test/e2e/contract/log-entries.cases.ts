import { issuedEntry, TestIssuer } from '../../../apps/certtransparency/test/certificate-fixture';
import type { Area, ContractCase, GivenWorld } from '../support/contract/contract-case';

const APPEND = 'POST /api/v1/entries';
const BATCH = 'POST /api/v1/entries/batch';
const NUMBERS = 'POST /api/v1/crl-numbers';
const PREVIEW = 'GET /api/v1/revocations/bulk';
const REVOKE_ALL = 'POST /api/v1/revocations/bulk';

const as = 'writer';
const PERSON = '3e0f5a52-86c4-4a8b-8a3e-9b1d8d0c7f21';
const UNKNOWN = '0'.repeat(64);
const issuer = TestIssuer.create();

/** A certificate of its own issuer that stands in no log yet: kept under a name, with the entry for it. */
const newCertificate = (name: string) => async (world: GivenWorld) => {
  const certificate = await (await issuer).certificate('Uma User');
  const context = { issuance_id: world.resolve(`$uuid.${name}`), user_id: PERSON };
  const { issuer: id, certificate: der } = issuedEntry(certificate, context);
  world.keep(name, { fingerprint: certificate.fingerprint, issuer: id, certificate: der, context });
};

const issued = (name: string) => ({
  ...{ type: 'issued', kind: 'user', issuer: `$${name}.issuer`, certificate: `$${name}.certificate` },
  context: `$${name}.context`,
});
const revoked = { type: 'revoked', fingerprint: '$first.fingerprint', reason: 'superseded', revoked_at: '$time.now' };
const refused: Pick<ContractCase, 'operation' | 'as'> = { operation: APPEND, as };

export const ENTRIES: Area = {
  name: 'entries',
  service: 'certtransparency',
  cases: [
    {
      ...{ operation: APPEND, name: 'A certificate', as, body: issued('first'), status: 201, keep: 'entry' },
      given: newCertificate('first'),
    },
    { operation: APPEND, name: 'The same once more', as, body: issued('first'), status: 200 },
    {
      ...{ ...refused, name: 'Another certificate of the same issuance', status: 409, code: 'issuance_known' },
      ...{ body: { ...issued('second'), context: '$first.context' }, given: newCertificate('second') },
    },
    { operation: APPEND, name: 'A revocation', as, body: revoked, status: 201 },
    {
      ...{ ...refused, name: 'A revocation of what is not there', status: 404, code: 'certificate_not_found' },
      body: { ...revoked, fingerprint: UNKNOWN },
    },
    {
      ...{ ...refused, name: 'What is no certificate', status: 422, code: 'invalid_entry' },
      body: { ...issued('second'), certificate: 'AAAA' },
    },
    {
      ...{
        operation: NUMBERS,
        name: 'For the next CRL',
        as,
        body: { issuer: '$first.issuer' },
        status: 201,
        keep: 'number',
      },
    },
    {
      ...{ operation: APPEND, name: 'A CRL', as, status: 201 },
      body: { type: 'crl', issuer: '$first.issuer', crl_number: '$number.number', crl_sha256: 'ab'.repeat(32) },
    },
    {
      ...{ operation: BATCH, name: 'One that is new and one that cannot be', as, status: 200 },
      body: { entries: [issued('second'), { ...revoked, fingerprint: UNKNOWN }] },
    },
  ],
};

const query = { user_id: PERSON };
const order = {
  ...query,
  reason: 'affiliation_changed',
  revoked_at: '$time.now',
  confirmation: '$preview.confirmation',
};
const another = async (world: GivenWorld) => {
  await newCertificate('third')(world);
  await world.ask({ service: 'certtransparency', operation: APPEND, as, body: issued('third') });
};

export const BULKS: Area = {
  name: 'revocations of many',
  service: 'certtransparency',
  cases: [
    { operation: PREVIEW, name: 'Of a person', as: 'reader', query, status: 200, keep: 'preview' },
    {
      ...{ operation: REVOKE_ALL, name: 'Of what is not the same any more', as, body: order, given: another },
      ...{ status: 409, code: 'revocation_set_changed' },
    },
    {
      ...{ operation: REVOKE_ALL, name: 'Of a person', as, body: order, status: 200 },
      given: ({ ask }) => ask({ service: 'certtransparency', operation: PREVIEW, as, query, keep: 'preview' }),
    },
    { operation: REVOKE_ALL, name: 'Once more', as, body: order, status: 200 },
    { operation: PREVIEW, name: 'Of nobody', as: 'reader', status: 422, code: 'invalid_request' },
    {
      ...{ operation: REVOKE_ALL, name: 'Of nobody', as, status: 422, code: 'invalid_request' },
      body: { reason: 'superseded', revoked_at: '$time.now' },
    },
  ],
};
