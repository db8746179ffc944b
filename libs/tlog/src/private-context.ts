import { HASH_SIZE, sha256 } from './merkle';
import { TlogError } from './tlog-error';

/** The JSON that a private context may consist of. Numbers are safe integers. */
export type ContextValue =
  string | number | boolean | null | readonly ContextValue[] | { readonly [key: string]: ContextValue };

/** What is known about a request besides the certificate: who asked, from where. Erasable, so it never enters a leaf. */
export type PrivateContext = Readonly<Record<string, ContextValue>>;

const DOMAIN = Buffer.from('OVPNCT1-private\n');
const MAX_DEPTH = 32;

function malformed(reason: string): TlogError {
  return new TlogError('malformed_context', reason);
}

/**
 * RFC 8785 canonical JSON: members sorted by UTF-16 code units, no spaces. Refuses what has no canonical form here:
 * fractions and unsafe integers, lone surrogates, undefined, anything but plain objects and arrays.
 */
export function canonicalJson(value: unknown): string {
  return print(value, 0);
}

function print(value: unknown, depth: number): string {
  if (depth > MAX_DEPTH) throw malformed('the context is nested too deeply');
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return printString(value);
  if (typeof value === 'number') return printInteger(value);
  if (Array.isArray(value)) return `[${Array.from(value, (item) => print(item, depth + 1)).join(',')}]`;
  if (typeof value === 'object') return printObject(value, depth);
  throw malformed(`a ${typeof value} cannot stand in a context`);
}

function printString(value: string): string {
  if (/\p{Cs}/u.test(value)) throw malformed('a string must be valid Unicode');
  // ECMAScript's own escaping is the one that RFC 8785 §3.2.2.2 prescribes.
  return JSON.stringify(value);
}

function printInteger(value: number): string {
  if (!Number.isSafeInteger(value)) throw malformed('a number must be a safe integer');
  return String(value);
}

function printObject(value: object, depth: number): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null)
    throw malformed('only plain objects can stand in a context');
  const members = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${printString(key)}:${print(member, depth + 1)}`);
  return `{${members.join(',')}}`;
}

/** Binds a leaf to a context that can be erased: without the salt, guesses at the context cannot be tried out. */
export function commitment(salt: Uint8Array, context: PrivateContext): Buffer {
  return commitmentToJson(salt, canonicalJson(context));
}

/** As `commitment`, for a context that is canonical JSON already, as text or in UTF-8. */
export function commitmentToJson(salt: Uint8Array, json: string | Uint8Array): Buffer {
  if (salt.length !== HASH_SIZE) throw malformed(`a salt must be ${HASH_SIZE} bytes`);
  return sha256(DOMAIN, salt, typeof json === 'string' ? Buffer.from(json) : json);
}

/**
 * Commitment to the actor alone, which stands in a revocation. Its salt is derived from the entry's, so that showing it
 * proves who revoked without opening the rest of the context to guesses.
 */
export function actorCommitment(salt: Uint8Array, actor: string): Buffer {
  return commitment(sha256(Buffer.from('OVPNCT1-actor\n'), salt), { actor });
}
