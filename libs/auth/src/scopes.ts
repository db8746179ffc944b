/**
 * What an API token may be for: a resource of the admin API, to read or to change. A token needs the scope of the route and
 * its creator the route's role. There is none to make or revoke tokens: a leaked token must not outlive its revocation by
 * another that it made.
 */
export const API_SCOPES = [
  'certificates:read',
  'certificates:write',
  'revocations:read',
  'revocations:write',
  'psks:read',
  'psks:write',
  'api-tokens:read',
  'users:read',
  'users:write',
  'settings:read',
  'settings:write',
  'crl:read',
  'crl:write',
  'statistics:read',
  'events:read',
  'servers:read',
] as const;
/** What an API token may be for: a resource of the administration, to read or to change. */
export type ApiScope = (typeof API_SCOPES)[number];

const ADMIN_ROUTE = /^\/api\/v1\/admin\/([a-z-]+)(?:\/|$)/;

/**
 * The scope that a route needs, by its method and pattern: `GET /api/v1/admin/psks/:id` needs `psks:read`.
 *
 * @returns undefined for a route that no token may call
 */
export function scopeOfRoute(method: string, pattern: string): ApiScope | undefined {
  const resource = ADMIN_ROUTE.exec(pattern)?.[1];
  const action = ['GET', 'HEAD'].includes(method) ? 'read' : 'write';
  return API_SCOPES.find((scope) => scope === `${String(resource)}:${action}`);
}
