import type { Area, ContractCase } from '../support/contract/contract-case';

const PROFILE = 'application/x-openvpn-profile';

const SERVER: readonly ContractCase[] = [
  { operation: 'HEAD /api/v1/server/bundle', name: 'Whether the key is good', as: 'server', status: 200 },
  {
    ...{ operation: 'HEAD /api/v1/server/bundle', name: 'With a key for computers', as: 'computer', status: 403 },
  },
  {
    ...{ operation: 'GET /api/v1/server/bundle', name: 'With a new key pair', as: 'server', status: 200 },
    headers: { accept: 'application/gzip' },
  },
  {
    ...{
      operation: 'POST /api/v1/server/bundle',
      name: 'For a key that stays on the server',
      as: 'server',
      status: 200,
    },
    ...{ headers: { accept: 'application/gzip', 'idempotency-key': 'bundle-of-today' }, body: { csr: '$ownKey.csr' } },
  },
];

const COMPUTER: readonly ContractCase[] = [
  { operation: 'HEAD /api/v1/computer/bundle', name: 'Whether the key is good', as: 'computer', status: 200 },
  { operation: 'HEAD /api/v1/computer/bundle', name: 'With a key for servers', as: 'server', status: 403 },
  {
    ...{ operation: 'GET /api/v1/computer/bundle', name: 'With a new key pair', as: 'computer', status: 200 },
    headers: { accept: PROFILE },
  },
  {
    ...{
      operation: 'POST /api/v1/computer/bundle',
      name: 'For a key that stays on the computer',
      as: 'computer',
      status: 200,
    },
    ...{ headers: { accept: PROFILE, 'idempotency-key': 'profile-of-today' }, body: { csr: '$ownKey.csr' } },
  },
];

export const BUNDLES: Area = {
  name: 'bundles',
  service: 'frontend',
  cases: (['server', 'computer'] as const).flatMap((kind) => [
    ...(kind === 'server' ? SERVER : COMPUTER),
    ...refusals(kind, kind === 'server' ? 'computer' : 'server'),
  ]),
};

/** What both kinds of machines are told. */
function refusals(kind: 'server' | 'computer', other: 'server' | 'computer'): readonly ContractCase[] {
  const [get, post] = [`GET /api/v1/${kind}/bundle`, `POST /api/v1/${kind}/bundle`];
  const wrongKind = { as: other, status: 403, code: 'psk_kind_not_allowed' } as const;
  return [
    { operation: get, name: `With a key for ${other}s`, ...wrongKind },
    { operation: post, name: `With a key for ${other}s`, body: {}, ...wrongKind },
    {
      ...{ operation: post, name: 'For what is no key', as: kind, body: { csr: 'a key' } },
      ...{ status: 422, code: 'invalid_request' },
    },
  ];
}
