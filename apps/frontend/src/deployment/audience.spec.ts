import { audienceOf } from './audience';

describe('whom an address is for', () => {
  it.each([
    ['/api/v1/admin/psks', 'administrators'],
    ['/api/v1/admin', 'administrators'],
    ['/admin', 'administrators'],
    ['/api/v1/administrator', 'users'],
    ['/administrator', 'users'],
    ['/', 'everybody'],
    ['/auth/login', 'everybody'],
    ['/auth/cli-login', 'users'],
    ['/auth/loginx', 'users'],
    ['/api/v1/me', 'everybody'],
    ['/api/v1/me/sessions', 'everybody'],
    ['/api/v1/me/sessions/x', 'everybody'],
    ['/api/v1/me/sessionsx', 'users'],
    ['/api/v1/me/certificates', 'users'],
    ['/crl.pem', 'everybody'],
    ['/crl/x', 'users'],
    ['/download/token', 'users'],
    ['/not-there-yet', 'users'],
  ])('%s: %s', (path, audience) => {
    expect(audienceOf(path)).toBe(audience);
  });
});
