import { TestBrowser, testDatabases } from '@libs/testing';
import { csrfTokenIn, startSurroundedFrontend, type SurroundedFrontend } from './support/surrounded-frontend';

describe.each(testDatabases())('the login of a program on the person’s computer on $name', (database) => {
  let frontend: SurroundedFrontend;

  beforeAll(async () => {
    frontend = await startSurroundedFrontend(database);
  });
  afterAll(() => frontend.close());

  const start = (browser: TestBrowser, query: string) => browser.get(`${frontend.url}/auth/login?${query}`);
  const isProgram = (target: URL) => target.port === '45678';

  it('asks before it hands out a token, which gives the profile once', async () => {
    const browser = await frontend.signedIn();
    const page = await start(browser, 'cli_port=45678&optionset=full-tunnel,tcp');
    expect(page.status).toBe(200);
    expect(page.body).toContain('A program asks for a VPN profile');
    expect(page.body).toContain('Send all traffic through the VPN, Use TCP');
    expect(page.headers.get('content-security-policy')).toContain("form-action 'self' http://localhost:45678;");
    const form = { _csrf: csrfTokenIn(page), cli_port: '45678', optionset: 'full-tunnel,tcp' };
    const answer = await browser.post(`${frontend.url}/auth/cli-login`, form, isProgram);
    expect(answer.status).toBe(302);
    const location = answer.headers.get('location') ?? '';
    expect(location).toMatch(/^http:\/\/localhost:45678\/?\?token=[\w-]+$/);
    const token = new URL(location).searchParams.get('token') ?? '';
    const profile = await new TestBrowser().get(`${frontend.url}/download?token=${token}`);
    expect(profile.body).toContain('redirect-gateway');
    expect(await new TestBrowser().get(`${frontend.url}/download/${token}`)).toMatchObject({ status: 410 });
  });

  it('leads a visitor through the login first', async () => {
    const page = await start(new TestBrowser(), 'cli_port=45678&optionset=None');
    expect(page.url).toBe(`${frontend.url}/auth/cli-login?cli_port=45678&optionset=`);
    expect(page.body).toContain('A program asks for a VPN profile');
  });

  it.each([
    'cli_port=80',
    'cli_port=99999',
    'cli_port=4567x',
    'cli_port=',
    'cli_port=45678&cli_port=1',
    'cli_port=evil.example',
  ])('refuses %s', async (query) => {
    expect(await start(new TestBrowser(), query)).toMatchObject({ status: 422 });
  });

  it('hands out no token without the CSRF token, or for an option that does not exist', async () => {
    const browser = await frontend.signedIn();
    const form = { cli_port: '45678', optionset: '' };
    expect(await browser.post(`${frontend.url}/auth/cli-login`, form, isProgram)).toMatchObject({ status: 403 });
    expect(await start(browser, 'cli_port=45678&optionset=nonsense')).toMatchObject({ status: 422 });
  });
});
