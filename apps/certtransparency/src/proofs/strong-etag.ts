import { createHash } from 'node:crypto';

/** RFC 9110 §8.8.3: equal for equal bytes alone. */
export function strongEtag(body: string | Buffer): string {
  return `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
}
