import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { InvalidControlChannelKey } from './static-key';

/**
 * tls-crypt-v2 (OpenVPN's doc/tls-crypt-v2.txt): every client has a key of its own, Kc, and a copy of it, WKc, wrapped
 * with the server's key, which the server unwraps on the first packet and so need not store.
 */

const SERVER_KEY_BYTES = 128;
const CLIENT_KEY_BYTES = 256;
const TAG_BYTES = 32;
const LENGTH_BYTES = 2;
/** The longest metadata that leaves WKc within OpenVPN's limit of 1024 bytes, type byte not counted. */
const MAX_METADATA_BYTES = 733;

const SERVER_LABEL = 'OpenVPN tls-crypt-v2 server key';
const CLIENT_LABEL = 'OpenVPN tls-crypt-v2 client key';

/** Travels inside WKc, encrypted; the server's `tls-crypt-v2-verify` script may read it. */
export type ClientKeyMetadata =
  { readonly type: 'user'; readonly data: Buffer } | { readonly type: 'timestamp'; readonly seconds: bigint };

/** A client key as its text holds it. */
export interface ClientKey {
  readonly key: Buffer;
  readonly wrappedKey: Buffer;
}

/** The two halves of a server key that wrapping uses. */
interface WrappingKeys {
  readonly encryption: Buffer;
  readonly authentication: Buffer;
}

export function generateTlsCryptV2ServerKey(): Buffer {
  return randomBytes(SERVER_KEY_BYTES);
}

/** @throws InvalidControlChannelKey */
export function parseTlsCryptV2ServerKey(text: string): Buffer {
  const key = decode(SERVER_LABEL, text);
  if (key.length !== SERVER_KEY_BYTES) throw new InvalidControlChannelKey(`a "${SERVER_LABEL}" has 128 bytes`);
  return key;
}

/**
 * Reads one server key after another, as `cat` puts their files together; there is at least one. Lines that start with `#` are
 * comments.
 *
 * @throws InvalidControlChannelKey, also when the same key stands there twice, or anything else besides
 */
export function parseTlsCryptV2ServerKeys(text: string): readonly [Buffer, ...Buffer[]] {
  const end = `-----END ${SERVER_LABEL}-----`;
  const lines = text.replace(/^#.*$/gm, '').trim();
  const texts = lines.split(new RegExp(`(?<=${end})\\s+`));
  if (texts.some((one) => !one.startsWith(`-----BEGIN ${SERVER_LABEL}-----`) || !one.endsWith(end))) {
    throw new InvalidControlChannelKey(`there is something else than "${SERVER_LABEL}" in PEM`);
  }
  const [first, ...others] = texts.map(parseTlsCryptV2ServerKey);
  if (first === undefined) throw new InvalidControlChannelKey(`there is no "${SERVER_LABEL}"`);
  const ids = new Set([first, ...others].map(tlsCryptV2ServerKeyId));
  if (ids.size < texts.length) throw new InvalidControlChannelKey('the same key is there twice');
  return [first, ...others];
}

/** Names a server key in public, as in a file name: the first eight digits of its SHA-256 in hexadecimal. */
export function tlsCryptV2ServerKeyId(key: Buffer): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 8);
}

export function printTlsCryptV2ServerKey(key: Buffer): string {
  return encode(SERVER_LABEL, key);
}

/**
 * Makes a new client key.
 *
 * @throws InvalidControlChannelKey when the server key has the wrong size, or user metadata exceeds 733 bytes
 */
export function generateTlsCryptV2ClientKey(serverKey: Buffer, metadata: ClientKeyMetadata): ClientKey {
  const key = randomBytes(CLIENT_KEY_BYTES);
  return { key, wrappedKey: wrap(wrappingKeys(serverKey), key, encodeMetadata(metadata)) };
}

export function printTlsCryptV2ClientKey(clientKey: ClientKey): string {
  return encode(CLIENT_LABEL, Buffer.concat([clientKey.key, clientKey.wrappedKey]));
}

/** @throws InvalidControlChannelKey */
export function parseTlsCryptV2ClientKey(text: string): ClientKey {
  const bytes = decode(CLIENT_LABEL, text);
  const wrappedKey = bytes.subarray(CLIENT_KEY_BYTES);
  const shortest = TAG_BYTES + CLIENT_KEY_BYTES + LENGTH_BYTES;
  if (wrappedKey.length < shortest || wrappedKey.readUInt16BE(wrappedKey.length - LENGTH_BYTES) !== wrappedKey.length) {
    throw new InvalidControlChannelKey(`the "${CLIENT_LABEL}" is cut or has a wrong length`);
  }
  return { key: bytes.subarray(0, CLIENT_KEY_BYTES), wrappedKey };
}

/**
 * Does what the server does with a client's first packet.
 *
 * @throws InvalidControlChannelKey when WKc was not made with this server key or has been changed
 */
export function unwrapTlsCryptV2ClientKey(
  serverKey: Buffer,
  wrappedKey: Buffer,
): { key: Buffer; metadata: ClientKeyMetadata } {
  const keys = wrappingKeys(serverKey);
  const length = wrappedKey.subarray(wrappedKey.length - LENGTH_BYTES);
  const tag = wrappedKey.subarray(0, TAG_BYTES);
  const decipher = createDecipheriv('aes-256-ctr', keys.encryption, tag.subarray(0, 16));
  const plain = decipher.update(wrappedKey.subarray(TAG_BYTES, wrappedKey.length - LENGTH_BYTES));
  if (length.readUInt16BE() !== wrappedKey.length || !timingSafeEqual(tag, authenticate(keys, length, plain))) {
    throw new InvalidControlChannelKey('the wrapped key does not belong to this server key');
  }
  return { key: plain.subarray(0, CLIENT_KEY_BYTES), metadata: decodeMetadata(plain.subarray(CLIENT_KEY_BYTES)) };
}

function wrappingKeys(serverKey: Buffer): WrappingKeys {
  if (serverKey.length !== SERVER_KEY_BYTES) throw new InvalidControlChannelKey('a server key has 128 bytes');
  return { encryption: serverKey.subarray(0, 32), authentication: serverKey.subarray(64, 96) };
}

function wrap(keys: WrappingKeys, clientKey: Buffer, metadata: Buffer): Buffer {
  const plain = Buffer.concat([clientKey, metadata]);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt16BE(TAG_BYTES + plain.length + LENGTH_BYTES);
  const tag = authenticate(keys, length, plain);
  const cipher = createCipheriv('aes-256-ctr', keys.encryption, tag.subarray(0, 16));
  return Buffer.concat([tag, cipher.update(plain), cipher.final(), length]);
}

function authenticate(keys: WrappingKeys, length: Buffer, plain: Buffer): Buffer {
  return createHmac('sha256', keys.authentication).update(length).update(plain).digest();
}

function encodeMetadata(metadata: ClientKeyMetadata): Buffer {
  if (metadata.type === 'user') {
    if (metadata.data.length > MAX_METADATA_BYTES) {
      throw new InvalidControlChannelKey(`metadata may have at most ${String(MAX_METADATA_BYTES)} bytes`);
    }
    return Buffer.concat([Buffer.of(0), metadata.data]);
  }
  const bytes = Buffer.of(1, 0, 0, 0, 0, 0, 0, 0, 0);
  bytes.writeBigUInt64BE(metadata.seconds, 1);
  return bytes;
}

function decodeMetadata(bytes: Buffer): ClientKeyMetadata {
  if (bytes[0] === 0) return { type: 'user', data: bytes.subarray(1) };
  if (bytes[0] === 1 && bytes.length === 9) return { type: 'timestamp', seconds: bytes.readBigUInt64BE(1) };
  throw new InvalidControlChannelKey('the metadata is of an unknown type');
}

function encode(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

function decode(label: string, text: string): Buffer {
  const pattern = new RegExp(`^-----BEGIN ${label}-----\\s+([A-Za-z0-9+/=\\s]+)-----END ${label}-----`, 'm');
  const base64 = pattern.exec(text)?.[1];
  if (base64 === undefined) throw new InvalidControlChannelKey(`this is no "${label}"`);
  return Buffer.from(base64, 'base64');
}
