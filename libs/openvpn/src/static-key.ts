import { randomBytes } from 'node:crypto';

/** OpenVPN's static key of 2048 bits, which `tls-crypt` takes: one for the server and all its clients. */
export const STATIC_KEY_BYTES = 256;

const LABEL = 'OpenVPN Static key V1';
const HEX_LINES =
  /^-----BEGIN OpenVPN Static key V1-----\n((?:[0-9a-f]{32}\n){16})-----END OpenVPN Static key V1-----$/im;

/** A key text that is not what its label says; the message holds none of it. */
export class InvalidControlChannelKey extends Error {
  override readonly name = 'InvalidControlChannelKey';
}

export function generateStaticKey(): Buffer {
  return randomBytes(STATIC_KEY_BYTES);
}

/** @throws InvalidControlChannelKey */
export function parseStaticKey(text: string): Buffer {
  const hex = HEX_LINES.exec(text.replace(/\r\n/g, '\n'))?.[1]?.replaceAll('\n', '');
  if (hex === undefined) throw new InvalidControlChannelKey(`this is no "${LABEL}" of 256 bytes`);
  return Buffer.from(hex, 'hex');
}

/** The text that `openvpn --genkey secret` writes, without its comment. */
export function printStaticKey(key: Buffer): string {
  if (key.length !== STATIC_KEY_BYTES) throw new InvalidControlChannelKey('a static key has 256 bytes');
  const lines = key.toString('hex').match(/.{32}/g) ?? [];
  return `-----BEGIN ${LABEL}-----\n${lines.join('\n')}\n-----END ${LABEL}-----\n`;
}
