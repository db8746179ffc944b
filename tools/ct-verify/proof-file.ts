import { Refuted } from './verdict';

/** A consistency proof as a file holds it; only the service's own JSON says which sizes it is for. */
export interface ConsistencyProofFile {
  readonly from?: number;
  readonly to?: number;
  readonly hashes: readonly Buffer[];
}

/**
 * Reads what `GET /api/v1/proofs/consistency` answers, or its hashes alone as lines of base64.
 * @throws Refuted
 */
export function parseProofFile(text: string): ConsistencyProofFile {
  if (text.trimStart().startsWith('{')) return parseJson(text);
  const lines = text.split('\n').map((line) => line.trim());
  return { hashes: lines.filter((line) => line !== '').map(parseHash) };
}

function parseJson(text: string): ConsistencyProofFile {
  const proof: unknown = parse(text);
  if (typeof proof !== 'object' || proof === null || !('hashes' in proof) || !Array.isArray(proof.hashes)) {
    throw malformed('it has no list of hashes');
  }
  return {
    ...('from' in proof && { from: parseSize(proof.from) }),
    ...('to' in proof && { to: parseSize(proof.to) }),
    hashes: proof.hashes.map(parseHash),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text.trim());
  } catch {
    throw malformed('it is not JSON');
  }
}

function parseSize(size: unknown): number {
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) throw malformed('a size is not a number');
  return size;
}

function parseHash(text: unknown): Buffer {
  const hash = Buffer.from(typeof text === 'string' ? text : '', 'base64');
  if (hash.length !== 32 || hash.toString('base64') !== text) throw malformed('a hash is not the base64 of 32 bytes');
  return hash;
}

function malformed(reason: string): Refuted {
  return new Refuted('malformed_proof', `the proof is malformed: ${reason}`);
}
