import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { createHash } from 'node:crypto';
import { DomainError } from '@libs/http';
import { asLoginError, isSubject } from './id-token';
import { CLOCK_TOLERANCE_SECONDS, ID_TOKEN_ALGORITHMS } from './oidc-options';

/** Whose sessions a provider has ended, and which (OpenID Connect Back-Channel Logout §2.4). */
export interface ProviderLogoutNotice {
  readonly issuer: string;
  readonly subject: string | undefined;
  /** Hash of the provider's session; undefined: every session of the subject. */
  readonly sessionHash: string | undefined;
  /** Hash of issuer and `jti`: whoever acts on the notice sees to it that it is used once. */
  readonly tokenHash: string;
  readonly issuedAt: Date;
}

export interface LogoutTokenExpectations {
  readonly issuer: string;
  readonly clientId: string;
  readonly now: Date;
}

/** The logout token is not one, or not for us, or was used already: 400 (§2.8). Nothing was ended. */
export class LogoutTokenInvalid extends DomainError {
  /** @param cause for the log alone */
  constructor(cause: string | Error) {
    super({
      code: 'logout_token_invalid',
      status: 400,
      title: 'The logout token is not valid',
      extensions: { error: 'invalid_request' },
      cause: typeof cause === 'string' ? new Error(cause) : cause,
    });
  }
}

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
const TYPES = ['logout+jwt', 'JWT'];
/** Providers let them live for two minutes; older versions of the standard have no `exp`. */
const MAX_AGE_SECONDS = 300;

/**
 * Checks a logout token as §2.6 asks: signature by a key of the provider with an allowed algorithm, issuer, audience, time
 * of issue, expiry, the event, `sub` or `sid`, a `jti`, and no nonce, which would make an ID token pass for one.
 *
 * @throws LogoutTokenInvalid; LoginError `login_provider_unavailable` when the key set cannot be fetched
 */
export async function verifyLogoutToken(
  token: string,
  keys: JWTVerifyGetKey,
  expected: LogoutTokenExpectations,
): Promise<ProviderLogoutNotice> {
  const { payload, protectedHeader } = await jwtVerify(token, keys, {
    algorithms: ID_TOKEN_ALGORITHMS,
    issuer: expected.issuer,
    audience: expected.clientId,
    requiredClaims: ['iat', 'jti', 'events'],
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    maxTokenAge: MAX_AGE_SECONDS,
    currentDate: expected.now,
  }).catch((error: unknown) => {
    throw asLogoutError(error);
  });
  const problem = isLogoutType(protectedHeader.typ) ? claimsProblem(payload) : 'the type is another token’s';
  if (problem !== undefined) throw new LogoutTokenInvalid(problem);
  const { sub, sid } = payload;
  return {
    issuer: expected.issuer,
    subject: sub,
    sessionHash: typeof sid === 'string' ? providerSessionHash(expected.issuer, sid) : undefined,
    tokenHash: hash(expected.issuer, String(payload.jti)),
    issuedAt: new Date(Number(payload.iat) * 1000),
  };
}

/** How the provider's session stands in ours; the two claims are as long as the provider likes. */
export function providerSessionHash(issuer: string, sid: string): string {
  return hash(issuer, sid);
}

export function providerSubjectHash(issuer: string, subject: string): string {
  return hash(issuer, subject);
}

function hash(issuer: string, value: string): string {
  return createHash('sha256').update(`${issuer}\n${value}`, 'utf8').digest('hex');
}

function isLogoutType(type: string | undefined): boolean {
  return type === undefined || TYPES.some((known) => known.toLowerCase() === type.toLowerCase());
}

function claimsProblem(payload: JWTPayload): string | undefined {
  const { sub, jti, events, nonce, sid } = payload;
  if (nonce !== undefined) return 'a nonce is in it';
  if (typeof jti !== 'string' || jti === '') return 'the jti is no text';
  if (!isObject(events) || !Object.hasOwn(events, EVENT) || !isObject(Reflect.get(events, EVENT)))
    return 'the event is another';
  if (sub !== undefined && !isSubject(sub)) return 'the subject is not 1 to 255 ASCII characters';
  if (sid !== undefined && (typeof sid !== 'string' || sid === '')) return 'the sid is no text';
  if (sub === undefined && sid === undefined) return 'neither sub nor sid';
  return undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function asLogoutError(error: unknown): Error {
  const failure = asLoginError(error);
  if (failure.code === 'login_provider_unavailable') return failure;
  return new LogoutTokenInvalid(error instanceof errors.JOSEError ? error : failure);
}
