import { KeyEnvelopeError } from './key-envelope-error';

/** The name of the file format; another version gets another name. */
const formatName = 'openvpn-manager-key-v1';

export interface KeyEnvelope {
  readonly cost: { readonly n: number; readonly r: number; readonly p: number };
  readonly salt: Buffer;
  readonly nonce: Buffer;
  /** SubjectPublicKeyInfo of the key, the additional data of the encryption. */
  readonly spki: Buffer;
  /** With the 16-byte tag at its end. */
  readonly ciphertext: Buffer;
}

/** Bounds that keep a forged file from costing all memory, and a weak one from being accepted. */
const costLimits = { smallestN: 32_768, largestN: 1_048_576, r: 8, largestP: 4 } as const;
const shortestCiphertext = 48;
const longestFile = 65_536;

export function formatEnvelope({ cost, salt, nonce, spki, ciphertext }: KeyEnvelope): string {
  const document = {
    format: formatName,
    kdf: { name: 'scrypt', ...cost, salt: salt.toString('base64') },
    cipher: { name: 'aes-256-gcm', nonce: nonce.toString('base64') },
    spki: spki.toString('base64'),
    ciphertext: ciphertext.toString('base64'),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

/** Strict: every member present, of the right type and range, and none besides. */
export function parseEnvelope(text: string): KeyEnvelope {
  const document = members(parseJson(text), ['format', 'kdf', 'cipher', 'spki', 'ciphertext']);
  if (document['format'] !== formatName) throw malformed('is of an unknown format');
  const kdf = members(document['kdf'], ['name', 'n', 'r', 'p', 'salt']);
  const cipher = members(document['cipher'], ['name', 'nonce']);
  if (kdf['name'] !== 'scrypt' || cipher['name'] !== 'aes-256-gcm') throw malformed('names an unknown algorithm');
  const envelope = {
    cost: { n: wholeNumber(kdf['n']), r: wholeNumber(kdf['r']), p: wholeNumber(kdf['p']) },
    salt: base64(kdf['salt']),
    nonce: base64(cipher['nonce']),
    spki: base64(document['spki']),
    ciphertext: base64(document['ciphertext']),
  };
  checkRanges(envelope);
  return envelope;
}

function checkRanges({ cost, salt, nonce, spki, ciphertext }: KeyEnvelope): void {
  const { n, r, p } = cost;
  const costIsAccepted =
    n >= costLimits.smallestN && n <= costLimits.largestN && (n & (n - 1)) === 0 && r === costLimits.r && p >= 1;
  if (!costIsAccepted || p > costLimits.largestP) throw malformed('has scrypt parameters outside the accepted range');
  if (salt.length < 16 || nonce.length !== 12) throw malformed('has a salt or nonce of the wrong length');
  if (spki.length === 0 || ciphertext.length < shortestCiphertext) throw malformed('is incomplete');
}

const malformed = (what: string): KeyEnvelopeError => new KeyEnvelopeError('malformed', `The key file ${what}.`);

function parseJson(text: string): unknown {
  if (text.trim() === '') throw malformed('is empty');
  if (text.length > longestFile) throw malformed('is too long for a key file');
  try {
    return JSON.parse(text);
  } catch {
    throw malformed('is truncated or not a key file');
  }
}

function members(value: unknown, names: readonly string[]): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed('is not a key file');
  const entries = Object.entries(value);
  if (entries.length !== names.length || !entries.every(([name]) => names.includes(name))) {
    throw malformed('has missing or unknown members');
  }
  return Object.fromEntries(entries);
}

function wholeNumber(value: unknown): number {
  if (typeof value !== 'number' || !Number.isInteger(value))
    throw malformed('has scrypt parameters that are no numbers');
  return value;
}

function base64(value: unknown): Buffer {
  if (typeof value !== 'string') throw malformed('has a member that is not base64');
  const bytes = Buffer.from(value, 'base64');
  if (bytes.toString('base64') !== value) throw malformed('has a member that is not base64');
  return bytes;
}
