import { randomBytes } from 'node:crypto';
import { randomSecret } from '../credentials/secret';

export const API_TOKEN_PREFIX = 'ovapi_';

/** `ovapi_<public id>_<secret>`: the prefix lets scanners find a leaked one, the public id finds its row. */
const FORMAT = /^ovapi_([0-9a-f]{16})_[A-Za-z0-9_-]{43}$/;

export interface NewApiTokenSecret {
  readonly publicId: string;
  /** To be shown once. */
  readonly secret: string;
}

export function newApiTokenSecret(): NewApiTokenSecret {
  const publicId = randomBytes(8).toString('hex');
  return { publicId, secret: `${API_TOKEN_PREFIX}${publicId}_${randomSecret()}` };
}

/** @returns the public id in a well-formed secret */
export function publicIdOfApiToken(secret: string): string | undefined {
  return FORMAT.exec(secret)?.[1];
}
