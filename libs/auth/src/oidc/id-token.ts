import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { LoginError } from './login.errors';
import { CLOCK_TOLERANCE_SECONDS, ID_TOKEN_ALGORITHMS } from './oidc-options';

export interface IdTokenExpectations {
  readonly issuer: string;
  readonly clientId: string;
  readonly nonce: string;
  readonly now: Date;
}

export type IdTokenClaims = JWTPayload & { readonly sub: string };

/** OpenID Connect Core: a subject is at most 255 ASCII characters. */
const SUBJECT = /^[\x21-\x7e]([\x20-\x7e]{0,253}[\x21-\x7e])?$/;

export function isSubject(value: unknown): value is string {
  return typeof value === 'string' && SUBJECT.test(value);
}

/**
 * Checks an ID token as OpenID Connect Core §3.1.3.7 asks: signature by a key of the provider with an allowed
 * algorithm, issuer, audience (text or list) and authorized party, expiry, time of issue, nonce.
 *
 * @throws LoginError `login_token_invalid`, `login_clocks_differ`, or `login_provider_unavailable` when the key set cannot be fetched
 */
export async function verifyIdToken(
  token: string,
  keys: JWTVerifyGetKey,
  expected: IdTokenExpectations,
): Promise<IdTokenClaims> {
  const { payload } = await jwtVerify(token, keys, {
    algorithms: ID_TOKEN_ALGORITHMS,
    issuer: expected.issuer,
    audience: expected.clientId,
    requiredClaims: ['sub', 'exp', 'iat'],
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    currentDate: expected.now,
  }).catch((error: unknown) => {
    throw asLoginError(error);
  });
  const problem = claimsProblem(payload, expected);
  if (problem !== undefined) throw new LoginError('login_token_invalid', problem);
  if ((payload.iat ?? 0) > expected.now.getTime() / 1000 + CLOCK_TOLERANCE_SECONDS) {
    throw new LoginError('login_clocks_differ', 'the ID token is from the future');
  }
  return { ...payload, sub: String(payload.sub) };
}

function claimsProblem(payload: JWTPayload, expected: IdTokenExpectations): string | undefined {
  if (!isSubject(payload.sub)) return 'the subject is not 1 to 255 ASCII characters';
  if (payload['nonce'] !== expected.nonce) return 'the nonce is not the one of this login';
  const azp = payload['azp'];
  if (azp !== undefined && azp !== expected.clientId) return 'the authorized party is another client';
  if (Array.isArray(payload.aud) && payload.aud.length > 1 && azp === undefined) {
    return 'several audiences and no authorized party';
  }
  return undefined;
}

/**
 * jose reports a key set that it could not fetch as a timeout, a generic error or the fetch's own TypeError. A token that
 * the provider has made this moment and that has expired tells of clocks that differ.
 */
export function asLoginError(error: unknown): LoginError {
  const cause = error instanceof Error ? error : new Error(String(error));
  if (cause instanceof errors.JWTExpired) return new LoginError('login_clocks_differ', cause);
  const aboutToken =
    cause instanceof errors.JOSEError && cause.code !== 'ERR_JWKS_TIMEOUT' && cause.code !== 'ERR_JOSE_GENERIC';
  return new LoginError(aboutToken ? 'login_token_invalid' : 'login_provider_unavailable', cause);
}
