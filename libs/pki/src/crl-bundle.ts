import { type ParsedCrl, crlAuthorityOf } from './crl-reader';
import type { Issuer } from './issuer';
import { LintFailed, type LintFinding } from './lint';

/** The label that OpenSSL, and so OpenVPN, expects; it refuses `CRL`. */
export const crlPemLabel = 'X509 CRL';

/** One block of the file that OpenVPN's `crl-verify` points at. */
export interface CrlBundlePart {
  readonly label: string;
  readonly crl: ParsedCrl;
}

/**
 * Whether a bundle may be handed out: exactly one CRL of each authority, so of every issuer whose certificates are still accepted
 * and of the root. One that is missing lets revoked clients in, and of two the older would win. Each CRL has been linted before.
 */
export function lintCrlBundle(parts: readonly CrlBundlePart[], authorities: readonly Issuer[]): LintFinding[] {
  const findings: LintFinding[] = [];
  const find = (id: string, detail: string) => findings.push({ id, reference: 'RFC 5280 §6.3', detail });
  if (parts.some(({ label }) => label !== crlPemLabel)) {
    find('crl-bundle-label', `a block has another label than ${crlPemLabel}: everybody would be refused`);
  }
  for (const authority of authorities) {
    const count = parts.filter(({ crl }) => isOf(crl, authority)).length;
    if (count === 0)
      find('crl-bundle-complete', 'the CRL of an issuer is missing: its revoked clients would be let in');
    if (count > 1) find('crl-bundle-once', 'there are two CRLs of an issuer: the older one would win');
  }
  if (parts.some(({ crl }) => !authorities.some((authority) => isOf(crl, authority)))) {
    find('crl-bundle-known', 'there is a CRL of a CA that is not in use');
  }
  return findings;
}

/** {@link lintCrlBundle} that throws LintFailed. */
export function assertCrlBundleLinted(parts: readonly CrlBundlePart[], authorities: readonly Issuer[]): void {
  const findings = lintCrlBundle(parts, authorities);
  if (findings.length > 0) throw new LintFailed('the CRL bundle', findings);
}

/** Whether a CRL names this CA: by its subject, and by its key, of which a renewed CA has another. */
export function isOf(crl: ParsedCrl, { subject, keyIdentifier }: Issuer): boolean {
  return crl.issuer.equals(subject) && crlAuthorityOf(crl)?.equals(keyIdentifier) === true;
}

const COLUMNS = 64;
const BYTES_PER_LINE = (COLUMNS / 4) * 3;
const LINES_PER_CHUNK = 1024;
const NEWLINE = 0x0a;

/**
 * PEM (RFC 7468) piece by piece, 64 kB each: for CRLs of millions of bytes, which as text would take half as much memory again
 * and be made at one go.
 */
export function* pemChunks({ label, crl }: CrlBundlePart): Generator<Buffer> {
  yield Buffer.from(beginLine(label));
  const step = BYTES_PER_LINE * LINES_PER_CHUNK;
  for (let start = 0; start < crl.der.length; start += step) {
    yield wrapped(crl.der.subarray(start, start + step));
  }
  yield Buffer.from(endLine(label));
}

/** How many bytes {@link pemChunks} gives. */
export function pemLength({ label, crl }: CrlBundlePart): number {
  const characters = Math.ceil(crl.der.length / 3) * 4;
  return beginLine(label).length + characters + Math.ceil(characters / COLUMNS) + endLine(label).length;
}

const beginLine = (label: string): string => `-----BEGIN ${label}-----\n`;
const endLine = (label: string): string => `-----END ${label}-----\n`;

function wrapped(bytes: Buffer): Buffer {
  const base64 = Buffer.from(bytes.toString('base64'), 'latin1');
  const lines = Math.ceil(base64.length / COLUMNS);
  const text = Buffer.allocUnsafe(base64.length + lines);
  let end = 0;
  for (let start = 0; start < base64.length; start += COLUMNS) {
    end += base64.copy(text, end, start, start + COLUMNS);
    text[end] = NEWLINE;
    end += 1;
  }
  return text;
}
