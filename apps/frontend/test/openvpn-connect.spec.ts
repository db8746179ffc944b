import { TestBrowser, testDatabases } from '@libs/testing';
import { DownloadToken } from '../src/download-tokens/download-token.entity';
import { Issuance } from '../src/issuances/issuance.entity';
import { startSurroundedFrontend, type SurroundedFrontend } from './support/surrounded-frontend';

describe.each(testDatabases())('OpenVPN Connect on $name', (database) => {
  let frontend: SurroundedFrontend;

  beforeAll(async () => {
    frontend = await startSurroundedFrontend(database, { FRONTEND_SITE_NAME: 'Café VPN' });
  });
  afterAll(() => frontend.close());
  beforeEach(() => {
    frontend.reset();
    frontend.clock.set(new Date());
  });

  const page = () => `${frontend.url}/openvpn-api/profile`;
  const probe = async (headers: Record<string, string> = {}) => {
    const answer = await fetch(page(), { method: 'HEAD', headers, redirect: 'manual' });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    return answer.headers.get('ovpn-webauth');
  };
  const isApp = (target: URL) => target.protocol === 'openvpn:';
  const imported = async (browser = new TestBrowser()) => {
    const answer = await browser.get(page(), isApp);
    expect(answer.status).toBe(302);
    return (answer.headers.get('location') ?? '').replace('openvpn://import-profile/', '');
  };
  const freshToken = async () => {
    const profile = await fetch(await imported());
    return profile.headers.get('vpn-session-token') ?? '';
  };

  it('is told to log in, by a name in plain characters', async () => {
    expect(await probe()).toBe('Cafe VPN,external');
    const tokens = frontend.dataSource.getRepository(DownloadToken);
    expect(await tokens.count()).toBe(0);
  });

  it('leads through the login to a link with the token in its path, which gives a profile once', async () => {
    const link = await imported();
    expect(link).toMatch(new RegExp(`^${frontend.url}/download/ovdl_[\\w-]{43}$`));
    const profile = await fetch(link);
    expect(profile.status).toBe(200);
    expect(profile.headers.get('vpn-session-token')).toMatch(/^[0-9a-f]{64}$/);
    expect(await profile.text()).toContain('<key>');
    expect((await fetch(link)).status).toBe(410);
  });

  it('says that a profile is good until it is revoked', async () => {
    const headers = { 'VPN-Session-Token': await freshToken() };
    expect(await probe(headers)).toBeNull();
    const [record] = frontend.services.certificates;
    if (record === undefined) throw new Error('no certificate');
    frontend.services.certificates[0] = {
      ...record,
      revocation: { index: 1, reason: 'key_compromise', revoked_at: record.logged_at },
    };
    expect(await probe(headers)).toBe('Cafe VPN,external');
  });

  it('says that a profile is good until it expires, and knows what it has heard while the log is down', async () => {
    const headers = { 'VPN-Session-Token': await freshToken() };
    frontend.services.logIsDown = true;
    expect(await probe(headers)).toBeNull();
    const issuances = frontend.dataSource.getRepository(Issuance);
    const { fingerprint } = frontend.services.certificates[0] ?? { fingerprint: '' };
    await issuances.update({ fingerprint }, { revokedAt: frontend.clock.now() });
    expect(await probe(headers)).toBe('Cafe VPN,external');
    frontend.services.logIsDown = false;
    await issuances.update({ fingerprint }, { revokedAt: null, expiresAt: frontend.clock.now() });
    expect(await probe(headers)).toBe('Cafe VPN,external');
  });

  it.each(['', 'x', 'A'.repeat(64), 'a'.repeat(64), "' OR 1=1"])('takes %j for no profile of ours', async (token) => {
    expect(await probe({ 'VPN-Session-Token': token })).toBe('Cafe VPN,external');
  });
});
