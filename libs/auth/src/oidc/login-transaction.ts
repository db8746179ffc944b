import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';

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

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals transactions with AES-256-GCM under keys derived from the service's secrets: the browser can neither read nor
 * alter one, nor pass one off under another login's handle.
 */
export class TransactionSeal {
  private readonly keys: readonly [Buffer, ...Buffer[]];

  constructor([first, ...others]: readonly [string, ...string[]]) {
    this.keys = [deriveKey(first), ...others.map(deriveKey)];
  }

  seal(transaction: LoginTransaction): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.keys[0], nonce);
    cipher.setAAD(Buffer.from(transactionHandle(transaction.state)));
    const sealed = [nonce, cipher.update(JSON.stringify(transaction), 'utf8'), cipher.final(), cipher.getAuthTag()];
    return Buffer.concat(sealed).toString('base64url');
  }

  /** The transaction that was sealed for `state`; undefined for anything that this service did not seal for it. */
  open(sealed: string, state: string): LoginTransaction | undefined {
    const bytes = Buffer.from(sealed, 'base64url');
    if (bytes.length <= NONCE_BYTES + TAG_BYTES) return undefined;
    for (const key of this.keys) {
      const text = decrypt(key, bytes, transactionHandle(state));
      // Authenticated by the tag, so it is what seal() wrote.
      const transaction = text === undefined ? undefined : (JSON.parse(text) as LoginTransaction);
      if (transaction?.state === state) return transaction;
    }
    return undefined;
  }
}

function deriveKey(secret: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', 'login transaction cookie', 32));
}

function decrypt(key: Buffer, bytes: Buffer, handle: string): string | undefined {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(handle));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    const text = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
    return Buffer.concat([text, decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}
