import type { Area, GivenWorld } from '../support/contract/contract-case';

const LIST = 'GET /api/v1/admin/psks';
const CREATE = 'POST /api/v1/admin/psks';
const READ = 'GET /api/v1/admin/psks/{id}';
const REVOKE = 'POST /api/v1/admin/psks/{id}/revocation';

const as = 'system_administrator';
const NOBODYS = '00000000-0000-4000-8000-000000000000';

/** A key that has fetched something. */
async function newKiosk({ ask }: GivenWorld): Promise<void> {
  await ask({ operation: CREATE, as: 'admin', body: { kind: 'computer', common_name: 'kiosk' }, keep: 'kiosk' });
  await ask({ operation: 'GET /api/v1/computer/bundle', headers: { authorization: 'Bearer $kiosk.secret' } });
}

export const PSKS: Area = {
  name: 'pre-shared keys',
  service: 'frontend',
  cases: [
    {
      ...{ operation: CREATE, name: 'For a server', as, status: 201, keep: 'serverKey' },
      body: {
        ...{
          kind: 'server',
          common_name: 'vpn.example.org',
          template_set: 'Default',
          description: 'The gateway in Berlin',
        },
        ...{ allowed_networks: ['127.0.0.0/8', '2001:db8::/32'], labels: { site: 'berlin' }, use_limit: 100 },
        expires_at: '$time.tomorrow',
      },
    },
    {
      ...{ operation: CREATE, name: 'For a computer', as, status: 201, keep: 'computerKey' },
      body: { kind: 'computer', common_name: 'kiosk' },
    },
    { operation: LIST, name: 'The newest', as, query: { limit: '1' }, status: 200, keep: 'keys' },
    { operation: LIST, name: 'The next page', as, query: { limit: '1', cursor: '$keys.next_cursor' }, status: 200 },
    { operation: READ, name: 'One of them', as, path: { id: '$serverKey.id' }, status: 200 },
    { operation: READ, name: 'One that is not there', as, path: { id: NOBODYS }, status: 404, code: 'psk_not_found' },
    {
      ...{ operation: REVOKE, name: 'Of the key alone', as, path: { id: '$serverKey.id' }, status: 200 },
      body: {},
    },
    {
      ...{ operation: REVOKE, name: 'With what it fetched', as: 'admin', path: { id: '$kiosk.id' }, status: 200 },
      given: newKiosk,
      body: { revoke_certificates: true, reason: 'superseded', comment: 'The kiosk is gone' },
    },
    {
      ...{ operation: REVOKE, name: 'Of one that is not there', as, path: { id: NOBODYS }, status: 404 },
      ...{ body: {}, code: 'psk_not_found' },
    },
  ],
};
