import { createHash, randomBytes } from 'node:crypto';
import { Seal } from './seal';

/** What this service remembers, in the browser, between sending a person to the provider and their return. */
export interface LoginTransaction {
  readonly state: string;
  readonly nonce: string;
  /** PKCE code verifier (RFC 7636 §4.1). */
  readonly codeVerifier: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** The caller's own: where to go after the login. */
  readonly context: Readonly<Record<string, string>>;
}

export const LOGIN_TRANSACTION_MS = 10 * 60_000;

const random = () => randomBytes(32).toString('base64url');

export function newLoginTransaction(now: Date, context: Readonly<Record<string, string>>): LoginTransaction {
  const expiresAt = now.getTime() + LOGIN_TRANSACTION_MS;
  return { state: random(), nonce: random(), codeVerifier: random(), expiresAt, context };
}

/** PKCE S256 challenge (RFC 7636 §4.2). */
export function codeChallenge(codeVerifier: string): string {
  return createHash('sha256').update(codeVerifier, 'ascii').digest('base64url');
}

/** A short name for the cookie of one login, so that several tabs may be under way at once. */
export function transactionHandle(state: string): string {
  return createHash('sha256').update(state, 'utf8').digest('hex').slice(0, 16);
}

/** Login transactions, sealed: none can be read, altered, or passed off under another login's handle. */
export class TransactionSeal {
  private readonly seals: Seal;

  constructor(secrets: readonly [string, ...string[]]) {
    this.seals = new Seal(secrets, 'login transaction cookie');
  }

  seal(transaction: LoginTransaction): string {
    return this.seals.seal(JSON.stringify(transaction), transactionHandle(transaction.state));
  }

  /** The transaction that was sealed for `state`; undefined for anything that this service did not seal for it. */
  open(sealed: string, state: string): LoginTransaction | undefined {
    const text = this.seals.open(sealed, transactionHandle(state));
    // Authenticated by the seal, so it is what seal() wrote.
    const transaction = text === undefined ? undefined : (JSON.parse(text) as LoginTransaction);
    return transaction?.state === state ? transaction : undefined;
  }
}
