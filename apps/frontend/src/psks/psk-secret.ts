import { randomBytes } from 'node:crypto';
import { randomSecret } from '../credentials/secret';

/** What a PSK is called where it is not the secret itself. */
export const PSK_PUBLIC_ID = /^[0-9a-f]{16}$/;

/** `ovpsk_<public id>_<secret>`: the prefix lets scanners find a leaked one, the public id finds its row. */
const FORMAT = /^ovpsk_([0-9a-f]{16})_[A-Za-z0-9_-]{43}$/;

export interface NewPskSecret {
  readonly publicId: string;
  /** To be shown once. */
  readonly secret: string;
}

export function newPskSecret(): NewPskSecret {
  const publicId = randomBytes(8).toString('hex');
  return { publicId, secret: `ovpsk_${publicId}_${randomSecret()}` };
}

/** @returns the public id in a well-formed secret */
export function publicIdOf(secret: string): string | undefined {
  return FORMAT.exec(secret)?.[1];
}
