import { MalformedPem, Turns, crlAuthorityOf, crlNumberOf, crlPemLabel, parseCrl } from '@libs/pki';
import { createHash } from 'node:crypto';

/** A CRL, or a bundle of them, as it is served. */
export interface CrlDocument {
  readonly body: Buffer;
  /** Strong entity tag, quotes included (RFC 9110 §8.8.3). */
  readonly etag: string;
  /** thisUpdate, the latest where there are several: the same on every replica. */
  readonly lastModified: Date;
  /** The CRL number of each issuer, by the key identifier in hexadecimal. */
  readonly numbers: ReadonlyMap<string, bigint>;
}

/** Whether one has a CRL that is older than the other's of the same issuer: to serve it would let revoked clients in again. */
export function isOlder(document: CrlDocument, than: CrlDocument): boolean {
  return [...document.numbers].some(([issuer, number]) => number < (than.numbers.get(issuer) ?? 0n));
}

/** @throws MalformedDer when the bytes are not one CRL */
export async function derDocument(body: Buffer): Promise<CrlDocument> {
  return documentOf(body, [body]);
}

/** @throws MalformedPem, MalformedDer when the text is not one or more `X509 CRL` blocks and nothing else */
export async function pemDocument(body: Buffer): Promise<CrlDocument> {
  return documentOf(body, [...crlBlocks(body)]);
}

const BEGIN = `-----BEGIN ${crlPemLabel}-----\n`;
const END = `-----END ${crlPemLabel}-----\n`;

/** As signing writes it. A bundle has millions of bytes: no pattern is run over it, and nothing of it is copied twice. */
function* crlBlocks(body: Buffer): Generator<Buffer> {
  let start = 0;
  do {
    if (body.toString('latin1', start, start + BEGIN.length) !== BEGIN) {
      throw new MalformedPem('the bundle has something else than CRLs');
    }
    const [from, to] = [start + BEGIN.length, body.indexOf(END, start)];
    if (to < 0) throw new MalformedPem('a CRL is truncated');
    yield decoded(body.toString('latin1', from, to));
    start = to + END.length;
  } while (start < body.length);
}

/** Lines of 64 characters: what is not base64 would be passed over, and the CRL be shorter than its lines say. */
function decoded(text: string): Buffer {
  const lines = Math.ceil(text.length / 65);
  const padding = text.endsWith('==\n') ? 2 : text.endsWith('=\n') ? 1 : 0;
  const der = Buffer.from(text, 'base64');
  if (der.length !== ((text.length - lines) / 4) * 3 - padding) throw new MalformedPem('a CRL is not base64');
  return der;
}

async function documentOf(body: Buffer, ders: readonly Buffer[]): Promise<CrlDocument> {
  const crls = ders.map((der) => parseCrl(der));
  const numbers = crls.map((crl) => [crlAuthorityOf(crl)?.toString('hex') ?? '', crlNumberOf(crl) ?? 0n] as const);
  return {
    body,
    etag: `"${await hashOf(body)}"`,
    lastModified: new Date(Math.max(...crls.map(({ thisUpdate }) => thisUpdate.getTime()))),
    numbers: new Map(numbers),
  };
}

const HASHED_AT_ONCE = 262_144;

async function hashOf(body: Buffer): Promise<string> {
  const turns = new Turns();
  const hash = createHash('sha256');
  for (let start = 0; start < body.length; start += HASHED_AT_ONCE) {
    if (turns.isOver) await turns.next();
    hash.update(body.subarray(start, start + HASHED_AT_ONCE));
  }
  return hash.digest('hex');
}
