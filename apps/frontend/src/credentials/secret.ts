import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 32 random bytes that nobody can guess, in characters that need no escaping in a URL. */
export function randomSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** SHA-256, lower-case hex: how every secret of ours stands in the database. Random secrets need no slow hash. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret, 'utf8').digest('hex');
}

/** Compares two of them in a time that tells nothing about them. */
export function equalHashes(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}

/** 32 random bytes in hex: some OpenVPN clients read a header's value as base64, which a dash or underscore breaks. */
export function randomSessionToken(): string {
  return randomBytes(32).toString('hex');
}
