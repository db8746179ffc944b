import { decodeUtf8, encodeUtf8, LeafReader, LeafWriter, malformedLeaf } from './leaf-bytes';
import { HASH_SIZE, sha256 } from './merkle';

/** What a certificate is for. */
export type CertificateKind = 'user' | 'computer' | 'server';

interface LeafHeader {
  /** Milliseconds since 1970, set by the log. */
  readonly loggedAt: number;
  /** `commitment(salt, context)`, or NO_COMMITMENT. */
  readonly commitment: Buffer;
}

/** Type 1: a certificate was issued. The fields before the DER repeat it for readers that do not parse X.509. */
export interface IssuedLeaf extends LeafHeader {
  readonly type: 'issued';
  /** SHA-256 of the issuer's SubjectPublicKeyInfo. */
  readonly issuer: Buffer;
  /** SHA-256 of the DER. */
  readonly fingerprint: Buffer;
  readonly kind: CertificateKind;
  /** Twenty bytes. */
  readonly serial: Buffer;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly commonName: string;
  readonly der: Buffer;
}

/** Type 2: a certificate was revoked. */
export interface RevokedLeaf extends LeafHeader {
  readonly type: 'revoked';
  readonly issuer: Buffer;
  readonly fingerprint: Buffer;
  /** CRLReason of RFC 5280 §5.3.1, but neither 7 (unused) nor 8 (removeFromCRL, which would un-revoke). */
  readonly reason: number;
  /** Milliseconds since 1970 as the submitter claims; it orders nothing. */
  readonly revokedAt: number;
  /** Index of the entry by which the certificate was issued. */
  readonly issuedIndex: number;
  /** Commitment to who asked, or NO_COMMITMENT. */
  readonly actorCommitment: Buffer;
}

/** Type 3: a CRL was published. */
export interface CrlLeaf extends LeafHeader {
  readonly type: 'crl';
  readonly issuer: Buffer;
  readonly crlNumber: number;
  readonly crlSha256: Buffer;
}

/** Type 4: the log signs with another key from now on. */
export interface KeyRotationLeaf extends LeafHeader {
  readonly type: 'key_rotation';
  readonly verifierKey: string;
}

export type Leaf = IssuedLeaf | RevokedLeaf | CrlLeaf | KeyRotationLeaf;

/** Longest leaf that an entry bundle can hold. */
export const MAX_LEAF_BYTES = 0xffff;
/** Stands where there is no private context, and in place of an issuer or certificate that a type does not have. */
export const NO_COMMITMENT: Readonly<Buffer> = Buffer.alloc(HASH_SIZE);

const MAGIC = Buffer.from('OVPNCT1\n');
const SERIAL_BYTES = 20;
const TYPES = ['issued', 'revoked', 'crl', 'key_rotation'] as const;
const KINDS = ['user', 'computer', 'server'] as const;
const REASONS: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 9, 10];

function writeHeader(leaf: Leaf): LeafWriter {
  const issuer = leaf.type === 'key_rotation' ? NO_COMMITMENT : leaf.issuer;
  const fingerprint = leaf.type === 'issued' || leaf.type === 'revoked' ? leaf.fingerprint : NO_COMMITMENT;
  return new LeafWriter()
    .raw(MAGIC)
    .u8(TYPES.indexOf(leaf.type) + 1)
    .u64(leaf.loggedAt, 'logged_at')
    .hash(issuer, 'the issuer')
    .hash(fingerprint, 'the fingerprint')
    .hash(leaf.commitment, 'the commitment');
}

function writeIssued(leaf: IssuedLeaf): LeafWriter {
  return writeHeader(leaf)
    .u8(KINDS.indexOf(leaf.kind) + 1)
    .fixed(leaf.serial, SERIAL_BYTES, 'the serial number')
    .u64(leaf.notBefore, 'not_before')
    .u64(leaf.notAfter, 'not_after')
    .counted(encodeUtf8(leaf.commonName, 'the common name'), 'the common name');
}

function writeRevoked(leaf: RevokedLeaf): LeafWriter {
  assertReason(leaf.reason);
  return writeHeader(leaf)
    .u8(leaf.reason)
    .u64(leaf.revokedAt, 'revoked_at')
    .u64(leaf.issuedIndex, 'the index of the issued entry')
    .hash(leaf.actorCommitment, 'the actor commitment');
}

function assertReason(reason: number): void {
  if (!REASONS.includes(reason)) throw malformedLeaf(`${reason} is not a reason to revoke`);
}

/** The leaf without its DER for an issued certificate, the whole leaf otherwise: what a receipt carries as `extra`. */
export function leafExtra(leaf: Leaf): Buffer {
  return leaf.type === 'issued' ? writeIssued(leaf).bytes() : encodeLeaf(leaf);
}

/** The bytes that the log hashes; big-endian throughout. */
export function encodeLeaf(leaf: Leaf): Buffer {
  const bytes = writeLeaf(leaf).bytes();
  if (bytes.length > MAX_LEAF_BYTES) throw malformedLeaf(`a leaf must not exceed ${MAX_LEAF_BYTES} bytes`);
  return bytes;
}

function writeLeaf(leaf: Leaf): LeafWriter {
  switch (leaf.type) {
    case 'issued':
      return writeIssued(leaf).counted(leaf.der, 'the certificate');
    case 'revoked':
      return writeRevoked(leaf);
    case 'crl':
      return writeHeader(leaf).u64(leaf.crlNumber, 'the CRL number').hash(leaf.crlSha256, 'the SHA-256 of the CRL');
    case 'key_rotation':
      return writeHeader(leaf).counted(encodeUtf8(leaf.verifierKey, 'the verifier key'), 'the verifier key');
  }
}

/** Strict inverse of `encodeLeaf`. What it answers shares memory with `bytes`. */
export function decodeLeaf(bytes: Uint8Array): Leaf {
  if (bytes.length > MAX_LEAF_BYTES) throw malformedLeaf(`a leaf must not exceed ${MAX_LEAF_BYTES} bytes`);
  const reader = new LeafReader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  const type = readType(reader);
  const loggedAt = reader.u64('logged_at');
  const issuer = reader.hash();
  const fingerprint = reader.hash();
  const header = { loggedAt, commitment: reader.hash() };
  const leaf = readBody(reader, type, header, issuer, fingerprint);
  reader.end();
  return leaf;
}

function readType(reader: LeafReader): Leaf['type'] {
  if (!reader.fixed(MAGIC.length).equals(MAGIC)) throw malformedLeaf('not a leaf of this log');
  const type = TYPES[reader.u8() - 1];
  if (type === undefined) throw malformedLeaf('unknown leaf type');
  return type;
}

/** Type of a leaf, of which no more than the beginning has to be there: a receipt's `extra` will do. */
export function leafTypeOf(bytes: Uint8Array): Leaf['type'] {
  return readType(new LeafReader(Buffer.from(bytes)));
}

function readBody(
  reader: LeafReader,
  type: Leaf['type'],
  header: LeafHeader,
  issuer: Buffer,
  fingerprint: Buffer,
): Leaf {
  switch (type) {
    case 'issued':
      return { type, ...header, issuer, fingerprint, ...readIssued(reader) };
    case 'revoked':
      return { type, ...header, issuer, fingerprint, ...readRevoked(reader) };
    case 'crl':
      assertZero(fingerprint, 'fingerprint');
      return { type, ...header, issuer, crlNumber: reader.u64('the CRL number'), crlSha256: reader.hash() };
    case 'key_rotation':
      assertZero(issuer, 'issuer');
      assertZero(fingerprint, 'fingerprint');
      return { type, ...header, verifierKey: decodeUtf8(reader.counted('the verifier key'), 'the verifier key') };
  }
}

function assertZero(hash: Buffer, what: string): void {
  if (!hash.equals(NO_COMMITMENT)) throw malformedLeaf(`a leaf of this type has no ${what}`);
}

function readIssued(reader: LeafReader) {
  const kind = KINDS[reader.u8() - 1];
  if (kind === undefined) throw malformedLeaf('unknown kind of certificate');
  return {
    kind,
    serial: reader.fixed(SERIAL_BYTES),
    notBefore: reader.u64('not_before'),
    notAfter: reader.u64('not_after'),
    commonName: decodeUtf8(reader.counted('the common name'), 'the common name'),
    der: reader.counted('the certificate'),
  };
}

function readRevoked(reader: LeafReader) {
  const reason = reader.u8();
  assertReason(reason);
  return {
    reason,
    revokedAt: reader.u64('revoked_at'),
    issuedIndex: reader.u64('the index of the issued entry'),
    actorCommitment: reader.hash(),
  };
}

/**
 * Puts an issued leaf together again from a receipt's `extra` and the certificate that the profile carries, and checks
 * that the result is a leaf about this very certificate.
 */
export function rebuildLeaf(extra: Uint8Array, der: Uint8Array): Buffer {
  const bytes = new LeafWriter().raw(extra).counted(der, 'the certificate').bytes();
  const leaf = decodeLeaf(bytes);
  if (leaf.type !== 'issued') throw malformedLeaf('the receipt is not about an issued certificate');
  if (!leaf.fingerprint.equals(sha256(der))) throw malformedLeaf('the receipt is about another certificate');
  return bytes;
}
