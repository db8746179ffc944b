import { API_SCOPES, scopeOfRoute } from './scopes';

describe('the scope of a route', () => {
  it.each([
    ['GET', '/api/v1/admin/psks', 'psks:read'],
    ['HEAD', '/api/v1/admin/psks/:id', 'psks:read'],
    ['POST', '/api/v1/admin/psks/:id/revocation', 'psks:write'],
    ['PATCH', '/api/v1/admin/settings', 'settings:write'],
    ['GET', '/api/v1/admin/api-tokens', 'api-tokens:read'],
  ])('of %s %s is %s', (method, pattern, scope) => {
    expect(scopeOfRoute(method, pattern)).toBe(scope);
  });

  it.each([
    ['POST', '/api/v1/admin/api-tokens'],
    ['GET', '/api/v1/me'],
    ['GET', '/api/v1/admin'],
    ['GET', '/api/v1/admin/unheard-of'],
    ['GET', '/api/v1/adminpsks'],
    ['DELETE', '/api/v1/admin/statistics'],
  ])('of %s %s is none, so that no token may call it', (method, pattern) => {
    expect(scopeOfRoute(method, pattern)).toBeUndefined();
  });

  it('is never one to make tokens', () => {
    expect(API_SCOPES).not.toContain('api-tokens:write');
  });
});
