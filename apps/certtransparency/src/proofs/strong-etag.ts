import { createHash } from 'node:crypto';

/** RFC 9110 §8.8.3: equal for equal bytes alone. */
export function strongEtag(body: string | Buffer): string {
  return `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
}

/** For the API document: the request that Express answers with 304 where it may. */
export const IF_NONE_MATCH = {
  name: 'If-None-Match',
  required: false,
  description: 'The ETag of what is there already',
};
