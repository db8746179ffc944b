import type { Area } from '../support/contract/contract-case';

const LIST = 'GET /api/v1/admin/users';
const READ = 'GET /api/v1/admin/users/{id}';
const CHANGE = 'PATCH /api/v1/admin/users/{id}';
const SESSIONS = 'GET /api/v1/admin/users/{id}/sessions';
const END_ALL = 'DELETE /api/v1/admin/users/{id}/sessions';
const END = 'DELETE /api/v1/admin/users/{id}/sessions/{session}';

const as = 'admin';
const path = { id: '$system_administrator.id' };
const unknown = { path: { id: '00000000-0000-4000-8000-000000000000' }, status: 404, code: 'user_not_found' };

export const USERS: Area = {
  name: 'users',
  service: 'frontend',
  cases: [
    { operation: LIST, name: 'By a part of the name', as, query: { search: 'uma', limit: '1' }, status: 200 },
    { operation: LIST, name: 'The newest', as, query: { limit: '1' }, status: 200, keep: 'users' },
    { operation: LIST, name: 'The next page', as, query: { limit: '1', cursor: '$users.next_cursor' }, status: 200 },
    { operation: READ, name: 'One of them', as, path, status: 200, given: ({ meet }) => meet('system_administrator') },
    { operation: READ, name: 'One that is not there', as, ...unknown },
    { operation: SESSIONS, name: 'Where a person is signed in', as, path, status: 200, keep: 'theirs' },
    { operation: SESSIONS, name: 'Of one that is not there', as, ...unknown },
    { operation: END, name: 'One of them', as, path: { ...path, session: '$theirs.items.0.id' }, status: 204 },
    {
      ...{ operation: END, name: 'One that is not there', as, path: { ...path, session: 'x' } },
      ...{ status: 404, code: 'session_not_found' },
    },
    {
      operation: END,
      name: 'Of what is no id',
      as,
      path: { id: 'x', session: 'x' },
      status: 404,
      code: 'user_not_found',
    },
    { operation: END_ALL, name: 'All of a person', as, path, status: 204 },
    { operation: END_ALL, name: 'Of one that is not there', as, ...unknown },
    { operation: CHANGE, name: 'Keeps a person out', as, path, body: { disabled: true }, status: 200 },
    { operation: CHANGE, name: 'Lets a person in again', as, path, body: { disabled: false }, status: 200 },
    { operation: CHANGE, name: 'Of one that is not there', as, body: { disabled: true }, ...unknown },
    {
      ...{ operation: CHANGE, name: 'Of oneself', as, path: { id: '$admin.id' }, body: { disabled: true } },
      ...{ status: 409, code: 'own_account' },
    },
  ],
};
