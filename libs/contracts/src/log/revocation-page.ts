import { type NoteSigner, type NoteVerifier, openNote, signNote, TlogError } from '@libs/tlog';
import { ISO_UTC, SERIAL_HEX, SHA256_HEX } from '../wire';

/** One revocation as servers need it: nothing of it names a person. */
export interface PageRevocation {
  /** Log index. */
  readonly index: number;
  /** SHA-256 of the issuer's SubjectPublicKeyInfo, lower-case hex. */
  readonly issuer: string;
  /** 40 upper-case hex digits. */
  readonly serialNumber: string;
  /** CRLReason code of RFC 5280 §5.3.1. */
  readonly reason: number;
  readonly revokedAt: Date;
  /** After it the certificate is worth nothing anyway, and the revocation may be forgotten. */
  readonly notAfter: Date;
}

/**
 * A page of the revocation feed, which the log signs: every revocation with an index from `since` up to, not including, `next`.
 * `next` is the sequence number of what a reader knows afterwards; it never decreases.
 */
export interface RevocationPage {
  /** Name of the log, and of the key that signs. */
  readonly origin: string;
  /** When the log signed: a page that somebody holds back grows old. */
  readonly issuedAt: Date;
  readonly since: number;
  readonly next: number;
  /** Whether there was nothing at or after `next` when the page was signed. */
  readonly complete: boolean;
  /** Size and root of the log that the page was made from. */
  readonly size: number;
  readonly root: Buffer;
  /** Size of the log that the reader knew and to which `proof` leads from `root`; 0 when there is no proof. */
  readonly extends: number;
  readonly proof: readonly Buffer[];
  readonly revocations: readonly PageRevocation[];
}

/** Has blanks, which no origin may have: a page can never be taken for a checkpoint, nor a checkpoint for a page. */
const FIRST_LINE = 'openvpn-manager revocations v1';

/** The signed note (C2SP signed-note) over a page, by keys of its origin's name. */
export function signRevocationPage(page: RevocationPage, signers: readonly NoteSigner[]): string {
  if (!signers.some(({ name }) => name === page.origin)) {
    throw new TlogError('invalid_argument', 'a revocation page must be signed by the key of its origin');
  }
  return signNote(printPage(page), signers);
}

/** @throws TlogError unless the note is a well-formed page, signed by a known key of the origin that it names */
export function openRevocationPage(note: string | Uint8Array, verifiers: readonly NoteVerifier[]): RevocationPage {
  const { text, verified } = openNote(note, verifiers);
  const page = parsePage(text);
  if (!verified.some(({ name }) => name === page.origin)) {
    throw new TlogError('note_unverified', `the page of ${page.origin} is not signed by its key`);
  }
  return page;
}

function printPage(page: RevocationPage): string {
  const lines = [
    FIRST_LINE,
    `origin ${page.origin}`,
    `issued ${page.issuedAt.toISOString()}`,
    `since ${page.since} next ${page.next} ${page.complete ? 'complete' : 'partial'}`,
    `tree ${page.size} ${page.root.toString('base64')}`,
    `extends ${page.extends}${page.proof.map((hash) => ` ${hash.toString('base64')}`).join('')}`,
    ...page.revocations.map(printRevocation),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** One revocation as a line without its end. */
export function printRevocation(revocation: PageRevocation): string {
  const { index, issuer, serialNumber, reason, revokedAt, notAfter } = revocation;
  return `${index} ${serialNumber} ${issuer} ${reason} ${revokedAt.toISOString()} ${notAfter.toISOString()}`;
}

/** @throws TlogError */
export function parseRevocation(line: string): PageRevocation {
  const [index, serialNumber = '', issuer = '', reason, revokedAt, notAfter, ...more] = line.split(' ');
  if (!SERIAL_HEX.test(serialNumber) || !SHA256_HEX.test(issuer) || more.length > 0) throw malformed('a revocation');
  const code = whole(reason);
  if (code > 10) throw malformed('the reason of a revocation');
  return {
    index: whole(index),
    serialNumber,
    issuer,
    reason: code,
    revokedAt: time(revokedAt),
    notAfter: time(notAfter),
  };
}

function parsePage(text: string): RevocationPage {
  const [first, origin = '', issued = '', range = '', tree = '', growth = '', ...rest] = text.split('\n');
  if (first !== FIRST_LINE) throw malformed('the first line');
  const [, since, next, state] = /^since (\S+) next (\S+) (complete|partial)$/.exec(range) ?? [];
  const [, size, root] = /^tree (\S+) (\S+)$/.exec(tree) ?? [];
  const [extending, ...proof] = growth.replace(/^extends /, '').split(' ');
  const page = {
    origin: origin.replace(/^origin /, ''),
    issuedAt: time(issued.replace(/^issued /, '')),
    since: whole(since),
    next: whole(next),
    complete: state === 'complete',
    size: whole(size),
    root: hash(root),
    extends: whole(extending),
    proof: proof.map(hash),
    revocations: rest.slice(0, -1).map(parseRevocation),
  };
  // There is one spelling of a page: whatever was read with indulgence above is refused here.
  if (printPage(page) !== text) throw malformed('the spelling');
  assertOrdered(page);
  return page;
}

/** A page that says `complete` and leaves something out would be a promise that cannot be kept; so would a gap. */
function assertOrdered({ since, next, complete, size, revocations }: RevocationPage): void {
  let from = since;
  for (const { index } of revocations) {
    if (index < from || index >= size) throw malformed('the order of the revocations');
    from = index + 1;
  }
  const end = complete ? Math.max(since, size) : from;
  if (next !== end || (!complete && revocations.length === 0)) throw malformed('the end of the page');
}

function whole(text = ''): number {
  const value = Number(text);
  if (!/^(0|[1-9]\d{0,15})$/.test(text) || !Number.isSafeInteger(value)) throw malformed('a number');
  return value;
}

function time(text = ''): Date {
  const value = new Date(text);
  if (!ISO_UTC.test(text) || Number.isNaN(value.getTime())) throw malformed('a time');
  return value;
}

function hash(text = ''): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== 32) throw malformed('a hash');
  return bytes;
}

function malformed(what: string): TlogError {
  return new TlogError('malformed_note', `${what} is not that of a page of revocations`);
}
