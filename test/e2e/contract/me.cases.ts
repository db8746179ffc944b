import type { Area } from '../support/contract/contract-case';

const SESSIONS = 'GET /api/v1/me/sessions';
const END = 'DELETE /api/v1/me/sessions/{id}';
const END_ALL = 'DELETE /api/v1/me/sessions';

export const ME: Area = {
  name: 'the person',
  service: 'frontend',
  cases: [
    { operation: 'GET /api/v1/me', name: 'Who I am', as: 'user', status: 200 },
    { operation: 'GET /api/v1/options', name: 'What I may choose', as: 'user', status: 200 },
    { operation: SESSIONS, name: 'Where I am signed in', as: 'system_administrator', status: 200, keep: 'sessions' },
    { operation: SESSIONS, name: 'With an access token', as: 'program', status: 403, code: 'access_denied' },
    {
      operation: END,
      name: 'One that is not there',
      as: 'system_administrator',
      path: { id: 'x' },
      status: 404,
      code: 'session_not_found',
    },
    {
      operation: END,
      name: 'With an access token',
      as: 'program',
      path: { id: 'x' },
      status: 403,
      code: 'access_denied',
    },
    {
      operation: END,
      name: 'This very one',
      as: 'system_administrator again',
      path: { id: '$sessions.items.0.id' },
      status: 204,
    },
    { operation: END_ALL, name: 'With an access token', as: 'program', status: 403, code: 'access_denied' },
    { operation: END_ALL, name: 'Everywhere', as: 'system_administrator again', status: 204 },
  ],
};
