import { decodeBase64, decodeDecimal } from './base64';
import { type Checkpoint, openCheckpoint } from './checkpoint';
import { assertHash, assertSize, HASH_SIZE, leafHash } from './merkle';
import { parseNote } from './note';
import type { NoteVerifier } from './note-keys';
import { TlogError } from './tlog-error';
import { verifyInclusion } from './verification';

/** Offline proof that an entry stands in a log (C2SP tlog-proof). */
export interface Receipt {
  /** Not authenticated by itself: it counts only once the leaf rebuilt from it has been proven. Never empty. */
  readonly extra?: Buffer;
  readonly index: number;
  /** Sibling of the leaf first. */
  readonly proof: readonly Buffer[];
  /** The signed note, byte for byte. */
  readonly checkpoint: string;
}

/** What a verified receipt establishes. */
export interface ProvenEntry {
  readonly index: number;
  readonly leaf: Buffer;
  readonly checkpoint: Checkpoint;
}

/** The entry's leaf, or how to make it from the receipt's `extra`. */
export type LeafSource = Uint8Array | ((extra: Buffer | undefined) => Uint8Array);

const HEADER = 'c2sp.org/tlog-proof@v1';
// A tree of 2^63 leaves has proofs of 63 hashes.
const MAX_PROOF_LENGTH = 63;

function malformed(reason: string): TlogError {
  return new TlogError('malformed_receipt', reason);
}

export function printReceipt({ extra, index, proof, checkpoint }: Receipt): string {
  assertSize(index, 'index');
  if (extra?.length === 0) throw malformed('empty extra data must be left out');
  if (proof.length > MAX_PROOF_LENGTH) throw malformed('the proof is too long');
  const hashes = proof.map((hash) => {
    assertHash(hash, 'proof hash');
    return hash.toString('base64');
  });
  const lines = [HEADER, ...(extra ? [`extra ${extra.toString('base64')}`] : []), `index ${index}`, ...hashes, ''];
  parseNote(checkpoint);
  return lines.map((line) => `${line}\n`).join('') + checkpoint;
}

/** Strict inverse of `printReceipt`; the checkpoint's signatures are not looked at yet. */
export function parseReceipt(text: string): Receipt {
  // The first blank line ends the proof; the checkpoint after it has a blank line of its own.
  const blank = text.indexOf('\n\n');
  if (blank < 0) throw malformed('a receipt needs a blank line before its checkpoint');
  const [header, ...lines] = text.slice(0, blank).split('\n');
  if (header !== HEADER) throw malformed(`a receipt must begin with ${HEADER}`);
  const extra = lines[0]?.startsWith('extra ') ? parseExtra(lines.shift() ?? '') : undefined;
  const indexLine = lines.shift() ?? '';
  if (!indexLine.startsWith('index ')) throw malformed('a receipt needs an index');
  if (lines.length > MAX_PROOF_LENGTH) throw malformed('the proof is too long');
  const checkpoint = text.slice(blank + 2);
  parseNote(checkpoint);
  return {
    ...(extra && { extra }),
    index: decodeDecimal(indexLine.slice('index '.length), 'malformed_receipt', 'the index'),
    proof: lines.map(parseProofHash),
    checkpoint,
  };
}

function parseExtra(line: string): Buffer {
  const extra = decodeBase64(line.slice('extra '.length), 'malformed_receipt', 'the extra data');
  if (extra.length === 0) throw malformed('empty extra data must be left out');
  return extra;
}

function parseProofHash(line: string): Buffer {
  const hash = decodeBase64(line, 'malformed_receipt', 'a proof hash');
  if (hash.length !== HASH_SIZE) throw malformed('a proof hash must be 32 bytes');
  return hash;
}

/**
 * Checks everything that a receipt claims: the checkpoint's signature by a known key, and the leaf's inclusion under it.
 * Throws a TlogError otherwise.
 */
export function verifyReceipt(receipt: Receipt, source: LeafSource, verifiers: readonly NoteVerifier[]): ProvenEntry {
  const checkpoint = openCheckpoint(receipt.checkpoint, verifiers);
  const leaf = Buffer.from(typeof source === 'function' ? source(receipt.extra) : source);
  verifyInclusion({
    index: receipt.index,
    size: checkpoint.size,
    leafHash: leafHash(leaf),
    proof: receipt.proof,
    root: checkpoint.root,
  });
  return { index: receipt.index, leaf, checkpoint };
}
