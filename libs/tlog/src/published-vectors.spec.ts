import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import golden from '../../../test/golden/tlog/golden.json';
import { leafHash } from './merkle';
import { verifyConsistency, verifyInclusion } from './verification';
import { TlogError } from './tlog-error';

interface InclusionVector {
  leafIdx: number;
  treeSize: number;
  root: string | null;
  leafHash: string | null;
  proof: (string | null)[] | null;
  desc: string;
  wantErr: boolean;
}

interface ConsistencyVector {
  size1: number;
  size2: number;
  root1: string | null;
  root2: string | null;
  proof: (string | null)[] | null;
  desc: string;
  wantErr: boolean;
}

const bytes = (text: string | null) => Buffer.from(text ?? '', 'base64');

function checkInclusion(vector: InclusionVector): void {
  verifyInclusion({
    index: vector.leafIdx,
    size: vector.treeSize,
    leafHash: bytes(vector.leafHash),
    proof: (vector.proof ?? []).map(bytes),
    root: bytes(vector.root),
  });
}

function checkConsistency(vector: ConsistencyVector): void {
  verifyConsistency({
    from: vector.size1,
    to: vector.size2,
    fromRoot: bytes(vector.root1),
    toRoot: bytes(vector.root2),
    proof: (vector.proof ?? []).map(bytes),
  });
}

/** Cases made from the golden file, each sound one beside a broken one, for a checkout without the published vectors. */
function goldenInclusion(): InclusionVector[] {
  const rootOf = new Map(golden.roots.map(({ size, root }) => [size, root]));
  return golden.inclusion
    .filter(({ size }) => size === 13 || size === 257)
    .flatMap(({ index, size, proof }) => {
      const sound = {
        leafIdx: index,
        treeSize: size,
        root: rootOf.get(size) ?? '',
        leafHash: leafHashes.get(index) ?? '',
        proof,
        desc: `golden ${index} of ${size}`,
        wantErr: false,
      };
      return [sound, { ...sound, proof: [...proof, sound.root], desc: `${sound.desc}, too long`, wantErr: true }];
    });
}

const leafHashes = new Map(
  golden.inclusion.map(({ index }) => [index, leafHash(Buffer.from(`leaf ${index}`)).toString('base64')]),
);

function goldenConsistency(): ConsistencyVector[] {
  const rootOf = new Map(golden.roots.map(({ size, root }) => [size, root]));
  return golden.consistency.flatMap(({ from, to, proof }) => {
    const sound = {
      size1: from,
      size2: to,
      root1: rootOf.get(from) ?? '',
      root2: rootOf.get(to) ?? '',
      proof,
      desc: `golden ${from} to ${to}`,
      wantErr: false,
    };
    return [sound, { ...sound, proof: [...proof, sound.root1], desc: `${sound.desc}, too long`, wantErr: true }];
  });
}

function readVectors<T>(folder: string): T[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
    .map((entry) => {
      const vector = JSON.parse(readFileSync(join(entry.parentPath, entry.name), 'utf8')) as T & { desc: string };
      return { ...vector, desc: `${entry.parentPath.slice(folder.length)}/${entry.name}: ${vector.desc}` };
    });
}

const folder = process.env['TLOG_VECTORS_DIR'];
const merkle = folder === undefined ? undefined : join(folder, 'merkle');
if (merkle !== undefined && !existsSync(merkle)) throw new Error(`TLOG_VECTORS_DIR has no folder ${merkle}`);
const inclusion = merkle === undefined ? goldenInclusion() : readVectors<InclusionVector>(join(merkle, 'inclusion'));
const consistency =
  merkle === undefined ? goldenConsistency() : readVectors<ConsistencyVector>(join(merkle, 'consistency'));

/**
 * A published case accepts equal sizes with placeholder roots of twelve bytes. Here a root has exactly 32 bytes, so
 * it is refused for that reason alone.
 */
const isPlaceholder = ({ root1, wantErr }: ConsistencyVector) => !wantErr && bytes(root1).length !== 32;

describe(`vectors from ${merkle === undefined ? 'the golden file' : 'the published folder'}`, () => {
  it('are there, sound and broken ones', () => {
    expect(inclusion.filter(({ wantErr }) => !wantErr).length).toBeGreaterThan(5);
    expect(inclusion.filter(({ wantErr }) => wantErr).length).toBeGreaterThan(5);
    expect(consistency.filter(({ wantErr }) => !wantErr).length).toBeGreaterThan(3);
    expect(consistency.filter(({ wantErr }) => wantErr).length).toBeGreaterThan(3);
  });

  it.each(inclusion)('inclusion $desc', (vector) => {
    if (vector.wantErr) expect(() => checkInclusion(vector)).toThrow(TlogError);
    else expect(() => checkInclusion(vector)).not.toThrow();
  });

  it.each(consistency)('consistency $desc', (vector) => {
    if (isPlaceholder(vector)) expect(() => checkConsistency(vector)).toThrow(/32 bytes/);
    else if (vector.wantErr) expect(() => checkConsistency(vector)).toThrow(TlogError);
    else expect(() => checkConsistency(vector)).not.toThrow();
  });
});
