import type { Area } from '../support/contract/contract-case';

const LIST = 'GET /api/v1/admin/api-tokens';
const CREATE = 'POST /api/v1/admin/api-tokens';
const READ = 'GET /api/v1/admin/api-tokens/{id}';
const REVOKE = 'POST /api/v1/admin/api-tokens/{id}/revocation';

const as = 'admin';
const NOBODYS = '00000000-0000-4000-8000-000000000000';

export const API_TOKENS: Area = {
  name: 'API tokens',
  service: 'frontend',
  cases: [
    {
      ...{ operation: CREATE, name: 'For a monitor', as, status: 201, keep: 'token' },
      body: { name: 'monitor', scopes: ['certificates:read', 'crl:read'], expires_at: '$time.tomorrow' },
    },
    { operation: LIST, name: 'The newest', as, query: { limit: '1' }, status: 200 },
    { operation: READ, name: 'One of them', as, path: { id: '$token.id' }, status: 200 },
    {
      operation: READ,
      name: 'One that is not there',
      as,
      path: { id: NOBODYS },
      status: 404,
      code: 'api_token_not_found',
    },
    { operation: REVOKE, name: 'Of one of them', as, path: { id: '$token.id' }, status: 200 },
    {
      ...{ operation: REVOKE, name: 'Of one that is not there', as, path: { id: NOBODYS } },
      ...{ status: 404, code: 'api_token_not_found' },
    },
  ],
};
