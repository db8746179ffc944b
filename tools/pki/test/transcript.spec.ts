import { createHash } from 'node:crypto';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Transcript } from '../transcript';
import { CeremonyRoom, config } from './ceremony-room';

const prepared = new CeremonyRoom();
beforeAll(async () => {
  await prepared.prepare(config({}));
  await prepared.done('init-root');
});
afterAll(() => prepared.remove());

let room: CeremonyRoom;
beforeEach(async () => {
  room = new CeremonyRoom();
  await room.copyFrom(prepared);
});
afterEach(() => room.remove());

const sha256 = (content: Buffer | string) => createHash('sha256').update(content).digest('hex');

async function transcriptOf(command: string): Promise<{ text: string; json: string; transcript: Transcript }> {
  const names = (await readdir(room.path('transcripts'))).filter((name) => name.includes(`-${command}.`)).sort();
  const [json, text] = await Promise.all(names.map((name) => room.read('transcripts', name)));
  return { json: json ?? '', text: text ?? '', transcript: JSON.parse(json ?? '') as Transcript };
}

describe('a transcript', () => {
  it('has the hash of every file that was read or made, in both forms', async () => {
    await room.done('issue-intermediate');
    const { json, text, transcript } = await transcriptOf('issue-intermediate');
    expect(transcript.inputs.map(({ path }) => path)).toEqual([
      'root/root.crt',
      'root/crls/0001/root.crl.pem',
      'root/root.key.json',
    ]);
    expect(transcript.outputs.map(({ path }) => path)).toEqual(
      ['intermediate.key.json', 'intermediate.crt', 'root.crt', 'root.crl.pem'].map(
        (name) => `intermediates/vpn-2026/${name}`,
      ),
    );
    for (const { path, sha256: hash, bytes } of [...transcript.inputs, ...transcript.outputs]) {
      const content = await readFile(room.path(path));
      expect({ hash, bytes }).toEqual({ hash: sha256(content), bytes: content.length });
      expect(text).toContain(hash);
    }
    expect(transcript.ceremony_file.sha256).toBe(sha256(await readFile(join(room.folder, 'ceremony.yaml'))));
    expect(transcript.tool).toMatchObject({ name: 'openvpn-manager pki', node: process.versions.node });
    expect(text).toContain(`SHA-256 of this transcript as JSON: ${sha256(json)}`);
  });

  it('is told to the terminal, word for word', async () => {
    const told = await room.done('sign-crl');
    expect(told).toContain((await transcriptOf('sign-crl')).text);
  });

  it('is held against the files by inspect', async () => {
    const before = await room.run('inspect', room.output);
    expect(before).toMatchObject({ status: 0, stdout: expect.stringMatching(/3, every one unchanged/) });
    expect(before.stdout).toMatch(/certificate of a CA\n +Subject +CN=Example VPN Root CA/);
    await writeFile(room.path('root', 'root.crt'), `${await room.read('root', 'root.crt')}\n`);
    const after = await room.run('inspect', room.path('transcripts'));
    expect(after).toMatchObject({ status: 1, stdout: expect.stringMatching(/NOT FIT +changed: root\/root.crt/) });
  });

  it('is inspected as JSON too', async () => {
    const { stdout } = await room.run('inspect', '--json', room.path('root', 'root.crt'));
    expect(JSON.parse(stdout)).toEqual([expect.objectContaining({ what: 'certificate of a CA', findings: [] })]);
  });
});

describe('a rehearsal', () => {
  it('does everything in a folder of its own, with marked names, and touches nothing real', async () => {
    const before = await readdir(room.output, { recursive: true });
    await room.done('init-root', '--rehearse');
    await room.done('issue-intermediate', '--rehearse');
    const told = await room.done('sign-crl', '--rehearse');
    expect(await readdir(room.output, { recursive: true })).toEqual(before);
    expect(told).toMatch(/^REHEARSAL of a key ceremony: sign-crl/);
    const { stdout } = await room.run('inspect', `${room.output}.rehearsal`);
    expect(stdout).toContain('CN=REHEARSAL Example VPN Root CA');
    expect(stdout).toContain('CN=REHEARSAL Example VPN CA 2026');
    const keys = [room.path('root', 'root.key.json'), join(`${room.output}.rehearsal`, 'root', 'root.key.json')];
    const [real, rehearsed] = await Promise.all(keys.map((path) => readFile(path, 'utf8')));
    expect((JSON.parse(real ?? '') as { spki: string }).spki).not.toBe(
      (JSON.parse(rehearsed ?? '') as { spki: string }).spki,
    );
  });

  it('cannot be taken for the real thing, nor the other way round', async () => {
    await room.done('init-root', '--rehearse');
    const yaml = join(room.folder, 'ceremony.yaml');
    await writeFile(yaml, config({}).replace('output: ca', 'output: ca.rehearsal'));
    expect((await room.hold('sign-crl')).stderr).toMatch(/is the root of a rehearsal/);
  });
});
