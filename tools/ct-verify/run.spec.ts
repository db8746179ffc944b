import { mkdirSync } from 'node:fs';
import { generateNoteKey, printVerifierKey, signNote } from '@libs/tlog';
import { TestLog } from './test/test-log';
import { Workbench } from './test/workbench';

const log = new TestLog();
log.append(Buffer.of(1));
const bench = new Workbench();
afterAll(() => bench.remove());

const checkpoint = bench.file('checkpoint', log.checkpoint());
const otherKey = printVerifierKey(generateNoteKey('log.example/other').verifier);

describe('ct-verify', () => {
  it('helps whoever asks', async () => {
    const { status, stdout } = await bench.run('--help');
    expect(status).toBe(0);
    for (const command of ['profile', 'receipt', 'consistency', 'export', 'checkpoint']) {
      expect(stdout).toContain(`  ${command} `);
    }
  });

  it.each([
    ['no command', []],
    ['a command that there is not', ['verify', 'x']],
    ['no file', ['checkpoint']],
    ['a file too many', ['checkpoint', checkpoint, checkpoint]],
    ['one checkpoint where it takes two', ['consistency', checkpoint]],
    ['an option that there is not', ['checkpoint', checkpoint, '--force']],
    ["another command's option", ['checkpoint', checkpoint, '--certificate', 'x']],
    ['an option without its value', ['consistency', checkpoint, checkpoint, '--proof']],
  ])('cannot do anything with %s', async (_, argv) => {
    const { status, stdout, stderr } = await bench.run(...argv, '--key', log.key);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^Cannot tell: .*ct-verify/);
  });

  it('takes keys from options, files and, without those, the environment', async () => {
    const environment = { CT_VERIFIER_KEYS: `${otherKey}\n ${log.key}` };
    const file = bench.file('keys', `# The log's keys\n\n${otherKey}\n  ${log.key}\n`);
    const statuses = [
      await bench.run('checkpoint', checkpoint, '--key', otherKey, '--key', log.key),
      await bench.run('checkpoint', checkpoint, '--key-file', file),
      await bench.run('checkpoint', checkpoint, '--key', otherKey, '--key-file', file),
      await bench.runIn(environment, 'checkpoint', checkpoint),
      await bench.runIn(environment, 'checkpoint', checkpoint, '--key', otherKey),
    ].map(({ status }) => status);
    expect(statuses).toEqual([0, 0, 0, 0, 1]);
  });

  it.each([
    ['no key', []],
    ['a malformed key', ['--key', 'log.example']],
    ['an empty key file', ['--key-file', bench.file('empty', '\n')]],
    ['a key file that is not there', ['--key-file', `${bench.folder}/none`]],
  ])('cannot tell anything with %s', async (_, argv) => {
    expect((await bench.run('checkpoint', checkpoint, ...argv)).status).toBe(2);
  });

  it('does not repeat a private key that was given by mistake', async () => {
    const key = log.signer.printPrivateKey();
    const { status, stderr } = await bench.run('checkpoint', checkpoint, '--key', key);
    expect(status).toBe(2);
    expect(stderr).not.toContain(key.slice(-40));
  });

  it('cannot tell anything about files that cannot be read', async () => {
    mkdirSync(`${bench.folder}/folder`);
    for (const name of ['none', 'folder', 'checkpoint/inside']) {
      for (const argv of [
        ['checkpoint', name],
        ['profile', name],
        ['receipt', name],
        ['export', name],
      ]) {
        const [command = '', file = ''] = argv;
        const { status } = await bench.run(command, `${bench.folder}/${file}`, '--key', log.key);
        expect({ argv, status }).toEqual({ argv, status: 2 });
      }
    }
  });

  it('prints one JSON object whatever comes out', async () => {
    const results = [
      await bench.run('checkpoint', checkpoint, '--json', '--key', log.key),
      await bench.run('checkpoint', checkpoint, '--json', '--key', otherKey),
      await bench.run('checkpoint', `${bench.folder}/none`, '--json', '--key', log.key),
      await bench.run('--json'),
    ];
    expect(results.map(({ stdout }) => (JSON.parse(stdout) as { verdict: string }).verdict)).toEqual([
      'verified',
      'refuted',
      'unknown',
      'unknown',
    ]);
    expect(results.map(({ stderr }) => stderr)).toEqual(['', '', '', '']);
  });

  it('says what a fault may mean', async () => {
    const { stdout } = await bench.run('checkpoint', checkpoint, '--key', otherKey);
    expect(stdout).toBe(
      'Not verified: the note is not signed by a known key.\n' +
        'It is signed, but by none of the keys that you gave: the key is of another log, or the text is forged.\n',
    );
  });

  it('shows names without letting them control the terminal', async () => {
    const evil = signNote(`log.example/vpn\n1\n${'A'.repeat(43)}=\n\u009b31m\u202e\n`, [log.signer]);
    expect((await bench.run('checkpoint', bench.file('evil', evil), '--key', log.key)).stdout).not.toMatch(/\u202e/);
    const name = generateNoteKey('log.example/\u202egpv');
    const log2 = new TestLog(name);
    log2.append(Buffer.of(1));
    const { stdout } = await bench.run('checkpoint', bench.file('bidi', log2.checkpoint()), '--key', log2.key);
    expect(stdout).toContain('log.example/\\u{202e}gpv');
  });
});
