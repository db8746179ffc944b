import { generateNoteKey, printVerifierKey, signCheckpoint } from '@libs/tlog';
import fc from 'fast-check';
import { TestLog } from '../test/test-log';
import { flipBit, Workbench } from '../test/workbench';

const log = new TestLog();
for (let i = 0; i < 40; i += 1) log.append(Buffer.from(`leaf ${i}`));
const bench = new Workbench(log.key);
afterAll(() => bench.remove());

const checkpointFile = (size: number) => bench.file(`checkpoint-${size}`, log.checkpoint(size));
const base64 = (hashes: readonly Buffer[]) => hashes.map((hash) => hash.toString('base64'));
const proofJson = (from: number, to: number) => JSON.stringify({ from, to, hashes: base64(log.consistency(from, to)) });
const verify = (older: string, newer: string, proof?: string) =>
  bench.json('consistency', older, newer, ...(proof === undefined ? [] : ['--proof', bench.file('proof', proof)]));

describe('ct-verify consistency', () => {
  it('proves any two sizes with what the service answers, and with bare hashes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), async (a, b) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        const facts = { status: 0, old_size: from, added: to - from, log_size: to };
        const files = [checkpointFile(from), checkpointFile(to)] as const;
        expect(await verify(...files, proofJson(from, to))).toMatchObject(facts);
        const lines = base64(log.consistency(from, to)).map((line) => `${line}\n`);
        expect(await verify(...files, lines.join(''))).toMatchObject(facts);
      }),
      { numRuns: 50 },
    );
  });

  it('needs no proof for one and the same tree', async () => {
    expect(await verify(checkpointFile(7), checkpointFile(7))).toMatchObject({ status: 0, added: 0 });
  });

  it('says where a proof comes from', async () => {
    const { status, stderr } = await bench.run('consistency', checkpointFile(3), checkpointFile(9));
    expect(status).toBe(2);
    expect(stderr).toContain('/api/v1/proofs/consistency?from=3&to=9');
  });

  it('cannot tell anything from an empty log', async () => {
    expect(await verify(checkpointFile(0), checkpointFile(9))).toMatchObject({ status: 2, verdict: 'unknown' });
  });

  it('refuses a proof with any bit of a hash changed', async () => {
    const hashes = log.consistency(11, 40);
    const bits = Buffer.concat(hashes).length * 8;
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: bits - 1 }), async (bit) => {
        const flipped = flipBit(Buffer.concat(hashes), bit);
        const broken = hashes.map((_, i) => flipped.subarray(i * 32, (i + 1) * 32));
        const result = await verify(checkpointFile(11), checkpointFile(40), base64(broken).join('\n'));
        expect(result).toMatchObject({ status: 1, code: 'consistency_invalid' });
      }),
    );
  });

  it('refuses either checkpoint with any bit changed', async () => {
    const note = Buffer.from(log.checkpoint(11));
    const bits = fc.nat({ max: note.length * 8 - 1 });
    await fc.assert(
      fc.asyncProperty(bits, fc.boolean(), async (bit, older) => {
        const files = [bench.file('flipped', flipBit(note, bit)), checkpointFile(11)] as const;
        expect((await verify(files[older ? 0 : 1], files[older ? 1 : 0]))['status']).toBe(1);
      }),
    );
  });

  it.each([
    ['the proof of other sizes', 11, 40, proofJson(12, 40), 'other_sizes'],
    ['too few hashes', 11, 40, base64(log.consistency(11, 40).slice(1)).join('\n'), 'consistency_invalid'],
    ['hashes where none are needed', 11, 11, base64(log.consistency(11, 40)).join('\n'), 'consistency_invalid'],
    ['a short hash', 11, 40, 'QUJD', 'malformed_proof'],
    ['another spelling of base64', 11, 40, `${'A'.repeat(42)}B=`, 'malformed_proof'],
    ['JSON without hashes', 11, 40, '{}', 'malformed_proof'],
    ['JSON with another hash', 11, 40, '{"hashes":[1]}', 'malformed_proof'],
    ['JSON with another size', 11, 40, '{"from":"11","hashes":[]}', 'malformed_proof'],
    ['broken JSON', 11, 40, '{"hashes":', 'malformed_proof'],
    ['a log that shrinks', 40, 11, proofJson(11, 40), 'log_shrunk'],
  ])('refuses %s', async (_, from, to, proof, code) => {
    expect(await verify(checkpointFile(from), checkpointFile(to), proof)).toMatchObject({ status: 1, code });
  });

  it('refuses another history, whatever the proof', async () => {
    const fork = new TestLog(log.signer);
    for (let i = 0; i < 40; i += 1) fork.append(Buffer.from(i === 5 ? 'forged' : `leaf ${i}`));
    const forked = bench.file('forked', fork.checkpoint());
    const hashes = base64(fork.consistency(11, 40)).join('\n');
    expect(await verify(checkpointFile(11), forked, hashes)).toMatchObject({ code: 'consistency_invalid' });
    expect(await verify(checkpointFile(40), forked)).toMatchObject({ code: 'consistency_invalid' });
  });

  it('refuses an empty log with a root that no empty log has', async () => {
    const statement = { origin: log.signer.name, size: 0, root: Buffer.alloc(32) };
    const file = bench.file('not-empty', signCheckpoint(statement, [log.signer]));
    expect(await verify(file, checkpointFile(9))).toMatchObject({ status: 1, code: 'root_differs' });
  });

  it('refuses to compare two logs', async () => {
    const other = new TestLog(generateNoteKey('log.example/other'));
    other.append(Buffer.of(1));
    const key = printVerifierKey(other.signer.verifier);
    const files = [checkpointFile(1), bench.file('other', other.checkpoint())];
    expect(await bench.json('consistency', ...files, '--key', key)).toMatchObject({ status: 1, code: 'other_log' });
  });
});
