import { parseCrl, parsePem } from '@libs/pki';
import { createHash } from 'node:crypto';

/** A CRL, or a bundle of them, as it is served. */
export interface CrlDocument {
  readonly body: Buffer;
  /** Strong entity tag, quotes included (RFC 9110 §8.8.3). */
  readonly etag: string;
  /** thisUpdate, the latest where there are several: the same on every replica. */
  readonly lastModified: Date;
}

/** @throws MalformedDer when the bytes are not one CRL */
export function derDocument(body: Buffer): CrlDocument {
  return documentOf(body, [body]);
}

/** @throws MalformedPem, MalformedDer when the text is not one or more `X509 CRL` blocks */
export function pemDocument(body: Buffer): CrlDocument {
  const blocks = parsePem(body.toString('latin1'));
  const strange = blocks.some((block) => block.label !== 'X509 CRL');
  if (blocks.length === 0 || strange) throw new Error('the bundle has something else than CRLs');
  return documentOf(
    body,
    blocks.map((block) => block.der),
  );
}

function documentOf(body: Buffer, crls: readonly Buffer[]): CrlDocument {
  const times = crls.map((der) => parseCrl(der).thisUpdate.getTime());
  const hash = createHash('sha256').update(body).digest('hex');
  return { body, etag: `"${hash}"`, lastModified: new Date(Math.max(...times)) };
}
