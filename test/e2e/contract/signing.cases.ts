import type { Area, ContractCase, GivenWorld } from '../support/contract/contract-case';

const ISSUE = 'POST /api/v1/certificates';
const REVOKE = 'POST /api/v1/revocations';
const DER = 'GET /api/v1/crl';
const PEM = 'GET /api/v1/crl.pem';

const as = 'frontend';
const PERSON = '7d8ab3c1-5a41-4f0a-9a52-0c5a7a6d9f10';

const forPerson = { csr: '$ownKey.csr', kind: 'user', common_name: 'Uma User', context: { user_id: PERSON } };
const forServer = {
  csr: '$otherKey.csr',
  kind: 'server',
  common_name: 'vpn.example.org',
  dns_names: ['vpn.example.org'],
};
const key = (name: string) => ({ headers: { 'idempotency-key': `$uuid.${name}` } });

const refused: Pick<ContractCase, 'operation' | 'as' | 'status'> = { operation: ISSUE, as, status: 422 };

const WRONG_KEYS = [
  ['For what is no key', 'a key', 'csr_malformed'],
  ['For a weak key', '$weakKey.csr', 'csr_key_not_accepted'],
  ['With a signature of old', '$oldSignature.csr', 'csr_signature_not_accepted'],
  ['With a wrong signature', '$wrongSignature.csr', 'csr_signature_invalid'],
] as const;

const revoked = async ({ ask }: GivenWorld) =>
  ask({
    ...{ service: 'signing', operation: REVOKE, as },
    body: { fingerprint: '$person.fingerprint', reason: 'superseded' },
  });

export const ISSUING: Area = {
  name: 'issuing',
  service: 'signing',
  cases: [
    { operation: ISSUE, name: 'For a person', as, ...key('person'), body: forPerson, status: 201, keep: 'person' },
    { operation: ISSUE, name: 'For a server', as, ...key('server'), body: forServer, status: 201 },
    { operation: ISSUE, name: 'The same once more', as, ...key('person'), body: forPerson, status: 201 },
    {
      ...{ ...refused, name: 'For somebody else under the same id', ...key('person'), code: 'idempotency_key_reused' },
      body: { ...forPerson, csr: '$otherKey.csr' },
    },
    { ...refused, name: 'Without an id', body: forPerson, code: 'invalid_request' },
    ...WRONG_KEYS.map(([name, csr, code]): ContractCase => {
      return { ...refused, name, ...key(code), body: { ...forPerson, csr }, code };
    }),
    {
      ...{ ...refused, name: 'With a name that cannot be one', ...key('nameless'), code: 'certificate_not_possible' },
      body: { ...forServer, dns_names: ['not a name'] },
    },
    {
      ...{ operation: ISSUE, name: 'Once more, after it was revoked', as, ...key('person'), body: forPerson },
      ...{ status: 409, code: 'issuance_revoked', given: revoked },
    },
    { operation: 'GET /api/v1/chain', name: 'Above what is issued now', as, status: 200 },
  ],
};

const many = { user: PERSON, reason: 'affiliation_changed' };
const newOne = ({ ask }: GivenWorld) => {
  return ask({
    service: 'signing',
    operation: ISSUE,
    as,
    headers: { 'idempotency-key': '$uuid.last' },
    body: forPerson,
  });
};
const previewed = async (world: GivenWorld) => {
  const query = { user_id: PERSON };
  await world.ask({
    service: 'certtransparency',
    operation: 'GET /api/v1/revocations/bulk',
    as: 'reader',
    query,
    keep: 'preview',
  });
  await newOne(world);
};

export const REVOKING: Area = {
  name: 'revoking, and the CRL',
  service: 'signing',
  cases: [
    {
      ...{ operation: REVOKE, name: 'Of one certificate', as, status: 200 },
      body: { fingerprint: '$person.fingerprint', reason: 'key_compromise', context: { actor: `user:${PERSON}` } },
    },
    {
      ...{ operation: REVOKE, name: 'Of one that is not there', as, status: 404, code: 'certificate_not_found' },
      body: { fingerprint: '0'.repeat(64), reason: 'superseded' },
    },
    {
      ...{
        operation: REVOKE,
        name: 'Of what is not the same any more',
        as,
        status: 409,
        code: 'revocation_set_changed',
      },
      ...{ body: { ...many, confirmation: '$preview.confirmation' }, given: previewed },
    },
    { operation: REVOKE, name: 'Of all of a person', as, body: many, status: 200 },
    { operation: REVOKE, name: 'Of nobody', as, body: { reason: 'superseded' }, status: 422, code: 'invalid_request' },
    {
      operation: DER,
      name: 'Of the active issuer',
      as,
      headers: { accept: 'application/pkix-crl' },
      status: 200,
      keep: 'der',
    },
    { operation: DER, name: 'The same still', as, headers: { 'if-none-match': '$der.etag' }, status: 304 },
    {
      operation: PEM,
      name: 'Of all issuers',
      as,
      headers: { accept: 'application/x-pem-file' },
      status: 200,
      keep: 'pem',
    },
    { operation: PEM, name: 'The same still', as, headers: { 'if-none-match': '$pem.etag' }, status: 304 },
    { operation: 'POST /api/v1/crl', name: 'Anew', as, status: 200 },
  ],
};
