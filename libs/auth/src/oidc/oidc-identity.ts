import { claimAt, groupsOf } from '../groups';
import type { IdTokenClaims } from './id-token';

/** Who the provider says has signed in. Texts are cut to the lengths of the columns that take them. */
export interface OidcIdentity {
  readonly issuer: string;
  /** With the issuer, what identifies the person for ever; e-mail addresses change hands. */
  readonly subject: string;
  readonly name: string;
  readonly email: string | null;
  readonly groups: readonly string[];
}

export const MAX_NAME_LENGTH = 200;
export const MAX_EMAIL_LENGTH = 254;

export function identityOf(issuer: string, claims: IdTokenClaims, groupsClaim: string): OidcIdentity {
  const email = text(claims['email'], MAX_EMAIL_LENGTH);
  const name = text(claims['name'], MAX_NAME_LENGTH) ?? text(claims['preferred_username'], MAX_NAME_LENGTH);
  return {
    issuer,
    subject: claims.sub,
    name: name ?? email ?? claims.sub.slice(0, MAX_NAME_LENGTH),
    email: email !== undefined && /^[^\s@]+@[^\s@]+$/.test(email) ? email : null,
    groups: groupsOf(claimAt(claims, groupsClaim)),
  };
}

/** A claim as one line of text, control characters gone; undefined when nothing is left. */
function text(claim: unknown, maxLength: number): string | undefined {
  if (typeof claim !== 'string') return undefined;
  const line = claim.replace(/\p{C}+/gu, ' ').trim();
  const cut = Array.from(line).slice(0, maxLength).join('');
  return cut === '' ? undefined : cut;
}
