import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeEntryBundle, generateNoteKey, type Leaf, leafHash, printVerifierKey, signCheckpoint } from '@libs/tlog';
import fc from 'fast-check';
import { FIRST_TIME, TestCertificates } from '../test/test-certificates';
import { TestLog } from '../test/test-log';
import { flipBit, Workbench } from '../test/workbench';

const SIZE = 600;
const zeros = Buffer.alloc(32);
const log = new TestLog();
const bench = new Workbench(log.key);
afterAll(() => bench.remove());

/** A sound log: every seventh certificate is revoked by the entry after it, and a CRL follows now and then. */
const leaves: Leaf[] = [];

beforeAll(async () => {
  const certificates = await TestCertificates.create();
  for (let i = 0; i < SIZE; i += 1) {
    const header = { loggedAt: FIRST_TIME + Math.floor(i / 3), commitment: zeros, issuer: certificates.issuer };
    const last = leaves.at(-1);
    if (i % 7 === 6 && last?.type === 'issued') {
      const { fingerprint } = last;
      const revocation = { reason: 1, revokedAt: 0, issuedIndex: i - 1, actorCommitment: zeros };
      leaves.push({ type: 'revoked', ...header, fingerprint, ...revocation });
    } else if (i % 100 === 99) {
      leaves.push({ type: 'crl', ...header, crlNumber: i, crlSha256: leafHash(Buffer.of(i)) });
    } else {
      leaves.push(await certificates.issue(`User ${i}`, header.loggedAt));
    }
  }
  for (const leaf of leaves) log.append(leaf);
});

/** Answers the folder. */
async function exported(entries: readonly (Leaf | Buffer)[] = leaves): Promise<string> {
  const folder = mkdtempSync(join(bench.folder, 'export-'));
  const copy = new TestLog(log.signer);
  for (const entry of entries) copy.append(entry);
  await copy.export(folder);
  return folder;
}

describe('ct-verify export', () => {
  it.each([0, 1, 2, 255, 256, 257, 512, SIZE])('verifies a log of %i entries', async (size) => {
    const folder = await exported(leaves.slice(0, size));
    const counted = leaves.slice(0, size);
    const count = (type: Leaf['type']) => counted.filter((leaf) => leaf.type === type).length;
    expect(await bench.json('export', folder)).toMatchObject({
      status: 0,
      log_size: size,
      issued: count('issued'),
      revoked: count('revoked'),
      crls: count('crl'),
      files_not_read: 0,
    });
  });

  it('refuses an export with any bit of any file changed', async () => {
    const folder = await exported();
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
    expect(files).toHaveLength(8);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...files), fc.nat(), async (file, bit) => {
        const sound = readFileSync(file);
        writeFileSync(file, flipBit(sound, bit % (sound.length * 8)));
        const { status } = await bench.run('export', folder);
        writeFileSync(file, sound);
        expect(status).toBe(1);
      }),
      { numRuns: 80 },
    );
    expect((await bench.run('export', folder)).status).toBe(0);
  });

  it.each(['tile/0/000', 'tile/0/002.p/88', 'tile/1/000.p/2', 'tile/entries/001', 'tile/entries/002.p/88'])(
    'refuses an export without %s',
    async (path) => {
      const folder = await exported();
      rmSync(join(folder, path));
      const { status, stdout } = await bench.run('export', folder);
      expect(status).toBe(1);
      expect(stdout).toContain(`Not verified: ${path} is missing`);
    },
  );

  it('names the entry that was changed, and the hash that does not fit', async () => {
    const folder = await exported();
    const bundle = log.leaves.slice(256, 512).map((leaf, i) => (i === 9 ? flipBit(leaf, 0) : leaf));
    writeFileSync(join(folder, 'tile/entries/001'), encodeEntryBundle(bundle));
    expect((await bench.run('export', folder)).stdout).toMatch(/^Not verified: entry 265: /);
    const other = await exported();
    const tile = readFileSync(join(other, 'tile/0/001'));
    writeFileSync(join(other, 'tile/0/001'), flipBit(tile, 9 * 256));
    expect((await bench.run('export', other)).stdout).toMatch(/^Not verified: tile\/0\/001: hash 9 is not/);
  });

  it.each([
    ['a tile that is too long', 'tile/1/000.p/2', (bytes: Buffer) => Buffer.concat([bytes, zeros])],
    ['a tile that is too short', 'tile/0/000', (bytes: Buffer) => bytes.subarray(32)],
    ['a bundle that is too short', 'tile/entries/002.p/88', (bytes: Buffer) => bytes.subarray(0, -1)],
    ['an empty bundle', 'tile/entries/000', () => Buffer.alloc(0)],
    ['a tile of a whole row too many', 'tile/0/000', (bytes: Buffer) => Buffer.concat([bytes, bytes])],
    [
      'a bundle with an entry too few',
      'tile/entries/000',
      (bytes: Buffer) => bytes.subarray(0, bytes.length - 2 - log.leaves[255]!.length),
    ],
  ])('refuses %s', async (_, path, change) => {
    const folder = await exported();
    writeFileSync(join(folder, path), change(readFileSync(join(folder, path))));
    expect(await bench.json('export', folder)).toMatchObject({ status: 1, code: 'malformed_export' });
  });

  it('reads neither endless files nor folders in place of files', async () => {
    const folder = await exported();
    truncateSync(join(folder, 'tile/entries/001'), 2 ** 34);
    expect((await bench.run('export', folder)).stdout).toContain('tile/entries/001: it is too large or not a file');
    rmSync(join(folder, 'tile/0/000'));
    mkdirSync(join(folder, 'tile/0/000'));
    expect((await bench.run('export', folder)).stdout).toContain('tile/0/000: it is too large or not a file');
  });

  it('refuses a signed root to which the tiles do not lead', async () => {
    const folder = await exported();
    const statement = { origin: log.signer.name, size: SIZE, root: zeros };
    writeFileSync(join(folder, 'checkpoint'), signCheckpoint(statement, [log.signer]));
    expect(await bench.json('export', folder)).toMatchObject({ status: 1, code: 'root_differs' });
  });

  it('reads full tiles where the partial ones are gone, and leaves out what comes after the checkpoint', async () => {
    const folder = await exported(leaves.slice(0, 512));
    writeFileSync(join(folder, 'checkpoint'), log.checkpoint(300));
    expect(await bench.json('export', folder)).toMatchObject({ status: 1, code: 'export_incomplete' });
    const upper = log.leaves.slice(0, 256);
    const builder = await exported(upper);
    writeFileSync(join(folder, 'tile/1/000.p/1'), readFileSync(join(builder, 'tile/1/000.p/1')));
    expect(await bench.json('export', folder)).toMatchObject({ status: 0, log_size: 300, files_not_read: 1 });
  });

  it('cannot tell anything about a folder that is no export', async () => {
    const { status, stderr } = await bench.run('export', mkdtempSync(join(bench.folder, 'empty-')));
    expect(status).toBe(2);
    expect(stderr).toMatch(/it has no checkpoint/);
  });
});

describe('ct-verify export --checkpoint', () => {
  const saved = (size: number) => bench.file(`saved-${size}`, log.checkpoint(size));

  it('proves that the export extends what was kept', async () => {
    const kept = [600, 0, 257, 1].flatMap((size) => ['--checkpoint', saved(size)]);
    const result = await bench.json('export', await exported(), ...kept);
    expect(result).toMatchObject({ status: 0, extends: expect.arrayContaining([`${saved(257)} (257 entries)`]) });
    expect(result['extends']).toHaveLength(4);
  });

  it.each([1, 255, 256, 300, 599])('refuses a log that was rewritten before size %i', async (size) => {
    const rewritten = leaves.map((leaf, i) => (i === 0 ? { ...leaf, commitment: Buffer.alloc(32, 1) } : leaf));
    const folder = await exported(rewritten);
    expect((await bench.run('export', folder)).status).toBe(0);
    const { status, stdout } = await bench.run('export', folder, '--checkpoint', saved(size));
    expect(status).toBe(1);
    expect(stdout).toContain(`the first ${size} entries are not those of`);
  });

  it('refuses a log whose end was cut off', async () => {
    const folder = await exported(leaves.slice(0, 400));
    const result = await bench.json('export', folder, '--checkpoint', saved(401));
    expect(result).toMatchObject({ status: 1, code: 'log_shrunk' });
  });

  it('refuses a kept checkpoint of another log', async () => {
    const other = new TestLog(generateNoteKey('log.example/other'));
    const options = [
      '--checkpoint',
      bench.file('other', other.checkpoint()),
      '--key',
      printVerifierKey(other.signer.verifier),
    ];
    const result = await bench.json('export', await exported(), ...options);
    expect(result).toMatchObject({ status: 1, code: 'other_log' });
  });

  it('refuses a kept checkpoint that the log did not sign', async () => {
    const forged = bench.file('forged', log.checkpoint(300).replace('\n300\n', '\n301\n'));
    const result = await bench.json('export', await exported(), '--checkpoint', forged);
    expect(result).toMatchObject({ status: 1, code: 'note_signature_invalid' });
  });
});
