import { closeSync, openSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSecret, secretSource } from './secret-source';

const request = { what: 'the passphrase', isNew: false };
let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'secret-'));
  path = join(folder, 'secret');
  await writeFile(path, 'a secret with blanks \n', { mode: 0o600 });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const fromFile = () => readSecret({ kind: 'file', path }, request, undefined);

describe('a secret', () => {
  it('is the one line of an owner-only file, its blanks included', async () => {
    expect(await fromFile()).toBe('a secret with blanks ');
  });

  it.each(['640', '604', '660'])('is not taken from a file with mode %s', async (mode) => {
    await chmod(path, Number.parseInt(mode, 8));
    await expect(fromFile()).rejects.toThrow(/open to other users/);
  });

  it.each([
    ['', /nothing where the passphrase should be/],
    ['\n', /nothing where the passphrase should be/],
    ['two\nlines\n', /several lines/],
    ['x'.repeat(5000), /too long/],
  ])('is not %j', async (content, reason) => {
    await writeFile(path, content);
    await expect(fromFile()).rejects.toThrow(reason);
  });

  it('is read from a descriptor to its end', async () => {
    const descriptor = openSync(path, 'r');
    expect(await readSecret({ kind: 'descriptor', descriptor }, request, undefined)).toBe('a secret with blanks ');
    expect(() => closeSync(descriptor)).toThrow(/EBADF/);
  });

  it('is missed where the descriptor is not open', async () => {
    await expect(readSecret({ kind: 'descriptor', descriptor: 999 }, request, undefined)).rejects.toThrow(
      /Descriptor 999/,
    );
  });

  it('comes from one place', () => {
    const what = 'the passphrase';
    expect(secretSource({ file: undefined, descriptor: undefined, what })).toEqual({ kind: 'terminal' });
    expect(secretSource({ file: undefined, descriptor: '3', what })).toEqual({ kind: 'descriptor', descriptor: 3 });
    expect(() => secretSource({ file: 'x', descriptor: '3', what })).toThrow(/not both/);
    expect(() => secretSource({ file: undefined, descriptor: 'three', what })).toThrow(/not a number/);
  });
});
