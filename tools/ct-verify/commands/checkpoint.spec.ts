import { generateNoteKey, printVerifierKey, signCheckpoint, signNote } from '@libs/tlog';
import fc from 'fast-check';
import { TestLog } from '../test/test-log';
import { flipBit, Workbench } from '../test/workbench';

const log = new TestLog();
for (let i = 0; i < 5; i += 1) log.append(Buffer.of(i));
const note = log.checkpoint();
const bench = new Workbench(log.key);
afterAll(() => bench.remove());

describe('ct-verify checkpoint', () => {
  it('says what the log signed', async () => {
    const { status, stdout, stderr } = await bench.run('checkpoint', bench.file('checkpoint', note));
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^Verified: The checkpoint is signed by the log\.\n/);
    expect(stdout).toMatch(/Log size +5\n/);
  });

  it('says it for programs', async () => {
    expect(await bench.json('checkpoint', bench.file('checkpoint', note))).toEqual({
      status: 0,
      verdict: 'verified',
      origin: 'log.example/vpn',
      log_size: 5,
      root_hash: note.split('\n')[2],
      signed_by: [`log.example/vpn+${log.signer.keyId}`],
      unknown_keys: [],
    });
  });

  it('knows both keys of a log that changes its key, and needs only one of them', async () => {
    const next = generateNoteKey(log.signer.name);
    const file = bench.file('rotation', log.checkpoint(5, [log.signer, next]));
    const both = [`${next.name}+${log.signer.keyId}`, `${next.name}+${next.keyId}`];
    expect(await bench.json('checkpoint', file)).toMatchObject({ signed_by: [both[0]], unknown_keys: [both[1]] });
    const key = printVerifierKey(next.verifier);
    expect(await bench.json('checkpoint', file, '--key', key)).toMatchObject({ signed_by: both, unknown_keys: [] });
  });

  it('refuses a checkpoint with any bit changed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: Buffer.byteLength(note) * 8 - 1 }), async (bit) => {
        const { status } = await bench.run('checkpoint', bench.file('flipped', flipBit(Buffer.from(note), bit)));
        expect(status).toBe(1);
      }),
      { numRuns: 300 },
    );
  });

  const stranger = generateNoteKey(log.signer.name);
  const other = generateNoteKey('log.example/other');
  const statement = { origin: other.name, size: 1, root: Buffer.alloc(32) };
  it.each([
    ['by another key of the same name', log.checkpoint(5, [stranger]), 'note_unverified'],
    ['by another log', signCheckpoint(statement, [other]), 'note_unverified'],
    [
      'by the log, but not of the log',
      signNote(`${other.name}\n1\n${'A'.repeat(43)}=\n`, [log.signer]),
      'note_unverified',
    ],
    ['by the log, but no checkpoint', signNote('Hello\n', [log.signer]), 'malformed_checkpoint'],
    ['by nobody', note.split('\n\n')[0] ?? '', 'malformed_note'],
  ])('refuses what is signed %s', async (_, text, code) => {
    expect(await bench.json('checkpoint', bench.file('refused', text))).toMatchObject({ status: 1, code });
  });
});
