import { SignJWT, UnsecuredJWT } from 'jose';
import { verifyLogoutToken } from './logout-token';
import { ISSUER, NOW, SignedTokens } from './signed-tokens.fixture';

const seconds = NOW.getTime() / 1000;
const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
const good: Readonly<Record<string, unknown>> = {
  iss: ISSUER,
  sub: 'alice',
  aud: 'client',
  iat: seconds,
  exp: seconds + 120,
  jti: 'once',
  events: { [EVENT]: {} },
  sid: 'session',
};

describe('logout token', () => {
  let tokens: SignedTokens;

  beforeAll(async () => {
    tokens = await SignedTokens.create();
  });

  const verify = (token: string) =>
    verifyLogoutToken(token, tokens.keys, { issuer: ISSUER, clientId: 'client', now: NOW });

  it('names the subject, and the session by its hash', async () => {
    const notice = await verify(await tokens.sign(good));
    const hash: unknown = expect.stringMatching(/^[0-9a-f]{64}$/);
    expect(notice).toEqual({ issuer: ISSUER, subject: 'alice', sessionHash: hash, tokenHash: hash, issuedAt: NOW });
  });

  it.each<[string, object]>([
    ['an audience list', { aud: ['other', 'client'] }],
    ['no session', { sid: undefined }],
    ['no subject', { sub: undefined }],
    ['no expiry, as older providers send it', { exp: undefined }],
    ['something in the event', { events: { [EVENT]: { reason: 'x' }, 'urn:other': {} } }],
    ['a clock that is 20 seconds ahead', { iat: seconds + 20 }],
  ])('may have %s', async (_, change) => {
    await expect(verify(await tokens.sign({ ...good, ...change }))).resolves.toMatchObject({ issuer: ISSUER });
  });

  it.each(['logout+jwt', 'JWT', 'Logout+JWT'])('may be of the type %s', async (typ) => {
    await expect(verify(await tokens.sign(good, { typ }))).resolves.toBeDefined();
  });

  it.each<[string, object]>([
    ['another issuer', { iss: 'https://evil.example.org' }],
    ['another audience', { aud: 'other' }],
    ['no audience', { aud: undefined }],
    ['no time of issue', { iat: undefined }],
    ['a time of issue long ago', { iat: seconds - 600, exp: seconds + 600 }],
    ['a time of issue in the future', { iat: seconds + 600, exp: seconds + 900 }],
    ['an expiry that is past', { exp: seconds - 60 }],
    ['no jti', { jti: undefined }],
    ['an empty jti', { jti: '' }],
    ['a jti that is no text', { jti: 7 }],
    ['no events', { events: undefined }],
    ['another event', { events: { 'urn:other': {} } }],
    ['an event that is no object', { events: { [EVENT]: true } }],
    ['an event that is a list', { events: { [EVENT]: [] } }],
    ['events that are a list', { events: [EVENT] }],
    ['a nonce, as an ID token has', { nonce: 'n' }],
    ['neither subject nor session', { sub: undefined, sid: undefined }],
    ['an empty session', { sid: '' }],
    ['a session that is no text', { sid: 7 }],
    ['a subject with a control character', { sub: 'a\nb' }],
  ])('is refused with %s', async (_, change) => {
    const token = await tokens.sign({ ...good, ...change });
    await expect(verify(token)).rejects.toMatchObject({ code: 'logout_token_invalid', status: 400 });
  });

  it.each<[string, () => Promise<string> | string]>([
    ['signed by a stranger', () => tokens.sign(good, { key: tokens.stranger })],
    ['without signature', () => new UnsecuredJWT(good).encode()],
    ['signed with the client secret', () => hmac()],
    ['of another type', () => tokens.sign(good, { typ: 'at+jwt' })],
    ['that is no token', () => 'not.a.token'],
    ['that is nothing', () => ''],
  ])('is refused %s', async (_, make) => {
    await expect(verify(await make())).rejects.toMatchObject({ code: 'logout_token_invalid' });
  });

  it('is not blamed when the provider’s keys cannot be had', async () => {
    const unreachable = () => Promise.reject(new TypeError('fetch failed'));
    const verified = verifyLogoutToken(await tokens.sign(good), unreachable, {
      issuer: ISSUER,
      clientId: 'client',
      now: NOW,
    });
    await expect(verified).rejects.toMatchObject({ code: 'login_provider_unavailable', status: 503 });
  });

  function hmac(): Promise<string> {
    return new SignJWT(good).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from('client-secret-of-the-tests-0000'));
  }
});
