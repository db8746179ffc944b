import { hash } from 'node:crypto';
import { TlogError } from './tlog-error';

/** Bytes of a SHA-256 hash. */
export const HASH_SIZE = 32;

// The prefixes keep a leaf from ever being taken for an inner node (RFC 9162 §2.1.1).
const LEAF_PREFIX = Buffer.of(0x00);
const NODE_PREFIX = Buffer.of(0x01);

/** Where parts are put together that are no longer than a few leaves: nothing else uses it while they are hashed. */
const scratch = Buffer.alloc(16 * 1024);

/** SHA-256 of the parts in order. One call: for so little input, making a hash object would take longer than hashing. */
export function sha256(...parts: readonly Uint8Array[]): Buffer {
  const [only] = parts;
  return hash('sha256', parts.length === 1 && only !== undefined ? only : joined(parts), 'buffer');
}

function joined(parts: readonly Uint8Array[]): Buffer {
  let length = 0;
  for (const part of parts) length += part.length;
  if (length > scratch.length) return Buffer.concat(parts);
  let position = 0;
  for (const part of parts) {
    scratch.set(part, position);
    position += part.length;
  }
  return scratch.subarray(0, length);
}

/** The root of a tree without leaves. */
export const EMPTY_ROOT: Readonly<Buffer> = sha256();

/** Hash of a leaf's bytes (RFC 9162 §2.1.1). */
export function leafHash(leaf: Uint8Array): Buffer {
  return sha256(LEAF_PREFIX, leaf);
}

/** Hash of an inner node over its two children. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return sha256(NODE_PREFIX, left, right);
}

/** Refuses whatever is not exactly 32 bytes: a verifier that hashes shorter or longer input can be led to another tree. */
export function assertHash(hash: Uint8Array, what: string): void {
  if (hash.length !== HASH_SIZE) throw new TlogError('malformed_hash', `${what} must be ${HASH_SIZE} bytes`);
}

/** Refuses a tree size or index that is negative, fractional, or beyond what a number holds exactly. */
export function assertSize(size: number, what: string): void {
  if (!Number.isSafeInteger(size) || size < 0) {
    throw new TlogError('invalid_argument', `${what} must be a non-negative safe integer`);
  }
}

export function equalHashes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
