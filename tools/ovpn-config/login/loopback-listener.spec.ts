import { request } from 'undici';
import { LoopbackListener } from './loopback-listener';

const state = 'the-state-of-this-login';
let listener: LoopbackListener;
beforeEach(async () => {
  listener = await LoopbackListener.open(state);
});
afterEach(() => listener.close());

const visit = async (path: string, options: { host?: string; method?: 'GET' | 'POST' } = {}) => {
  const { host = `localhost:${listener.port}`, method = 'GET' } = options;
  const response = await request(`http://127.0.0.1:${listener.port}${path}`, { method, headers: { host } });
  return { status: response.statusCode, headers: response.headers, body: await response.body.text() };
};
const isPending = async (token: Promise<string>) =>
  (await Promise.race([token, Promise.resolve('pending')])) === 'pending';

describe('the port that a browser comes back to', () => {
  it('takes the token of the login that began here, and lets the page run nothing', async () => {
    const token = listener.token(new AbortController().signal);
    const page = await visit(`/?token=ovdl_x&state=${state}`);
    expect(await token).toBe('ovdl_x');
    expect(page).toMatchObject({ status: 200, body: expect.stringMatching(/Close this window/) });
    expect(page.headers).toMatchObject({
      'content-security-policy': "default-src 'none'",
      'cache-control': 'no-store',
    });
  });

  it.each([
    ['another state', '/?token=x&state=another-state-of-a-login', {}, 400],
    ['no state', '/?token=x', {}, 400],
    ['no token', `/?state=${state}`, {}, 400],
    ['another path', `/other?token=x&state=${state}`, {}, 404],
    ['another method', `/?token=x&state=${state}`, { method: 'POST' as const }, 404],
    ['the name of another host', `/?token=x&state=${state}`, { host: 'evil.example' }, 404],
  ])('takes nothing with %s', async (_, path, options, status) => {
    const token = listener.token(new AbortController().signal);
    expect((await visit(path, options)).status).toBe(status);
    expect(await isPending(token)).toBe(true);
    await visit(`/?token=x&state=${state}`);
    expect(await token).toBe('x');
  });

  it('is given up when the program is interrupted', async () => {
    const interruption = new AbortController();
    const token = listener.token(interruption.signal);
    interruption.abort(new Error('interrupted'));
    await expect(token).rejects.toThrow('interrupted');
  });
});
