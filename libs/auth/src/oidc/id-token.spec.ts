import { createLocalJWKSet, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { verifyIdToken } from './id-token';
import { ISSUER, NOW, SignedTokens } from './signed-tokens.fixture';

const seconds = NOW.getTime() / 1000;
const good: JWTPayload = {
  iss: ISSUER,
  sub: 'alice',
  aud: 'client',
  exp: seconds + 300,
  iat: seconds,
  nonce: 'expected-nonce',
};

describe('ID token', () => {
  let tokens: SignedTokens;

  beforeAll(async () => {
    tokens = await SignedTokens.create();
  });

  const verify = (token: string) =>
    verifyIdToken(token, tokens.keys, { issuer: ISSUER, clientId: 'client', nonce: 'expected-nonce', now: NOW });

  it.each<[string, JWTPayload]>([
    ['an audience that is one string', {}],
    ['an audience list of one', { aud: ['client'] }],
    ['an audience list with the authorized party', { aud: ['other', 'client'], azp: 'client' }],
    ['a clock that is 20 seconds ahead', { iat: seconds + 20 }],
  ])('accepts %s', async (_, change) => {
    await expect(verify(await tokens.sign({ ...good, ...change }))).resolves.toMatchObject({ sub: 'alice' });
  });

  it.each<[string, Partial<Record<keyof JWTPayload, unknown>>]>([
    ['another issuer', { iss: 'https://evil.example.org' }],
    ['the issuer with a slash more', { iss: `${ISSUER}/` }],
    ['another audience', { aud: 'other' }],
    ['an audience list without us', { aud: ['other', 'third'], azp: 'client' }],
    ['several audiences and no authorized party', { aud: ['client', 'other'] }],
    ['another authorized party', { azp: 'other' }],
    ['another nonce', { nonce: 'other' }],
    ['no nonce', { nonce: undefined }],
    ['no subject', { sub: undefined }],
    ['an empty subject', { sub: '' }],
    ['a subject with a control character', { sub: 'a\nb' }],
    ['no expiry', { exp: undefined }],
    ['no time of issue', { iat: undefined }],
  ])('refuses %s', async (_, change) => {
    await expect(verify(await tokens.sign({ ...good, ...change }))).rejects.toMatchObject({
      code: 'login_token_invalid',
    });
  });

  it.each<[string, Partial<Record<keyof JWTPayload, unknown>>]>([
    ['an expired token', { exp: seconds - 60 }],
    ['a token issued in the future', { iat: seconds + 600 }],
  ])('blames the clocks for %s', async (_, change) => {
    await expect(verify(await tokens.sign({ ...good, ...change }))).rejects.toMatchObject({
      code: 'login_clocks_differ',
    });
  });

  it('refuses a key that is not the provider’s', async () => {
    await expect(verify(await tokens.sign(good, { key: tokens.stranger }))).rejects.toMatchObject({
      code: 'login_token_invalid',
    });
  });

  it('refuses an unsigned token', async () => {
    await expect(verify(new UnsecuredJWT(good).encode())).rejects.toMatchObject({ code: 'login_token_invalid' });
  });

  it('refuses a symmetric signature, even by a key that the provider publishes', async () => {
    const secret = Buffer.alloc(32, 1);
    const symmetric = createLocalJWKSet({
      keys: [{ kty: 'oct', k: secret.toString('base64url'), kid: 'k2', alg: 'HS256' }],
    });
    const token = await new SignJWT(good).setProtectedHeader({ alg: 'HS256', kid: 'k2' }).sign(secret);
    const expectations = { issuer: ISSUER, clientId: 'client', nonce: 'expected-nonce', now: NOW };
    await expect(verifyIdToken(token, () => Promise.resolve(secret), expectations)).rejects.toMatchObject({
      code: 'login_token_invalid',
    });
    await expect(verifyIdToken(token, symmetric, expectations)).rejects.toMatchObject({ code: 'login_token_invalid' });
  });

  it('tells a provider that is down from a token that is bad', async () => {
    const unreachable = () => Promise.reject(new TypeError('fetch failed'));
    const expectations = { issuer: ISSUER, clientId: 'client', nonce: 'expected-nonce', now: NOW };
    const failure = verifyIdToken(await tokens.sign(good), unreachable, expectations);
    await expect(failure).rejects.toMatchObject({ code: 'login_provider_unavailable', status: 503 });
  });
});
