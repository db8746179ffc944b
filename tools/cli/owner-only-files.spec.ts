import { mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { putFile } from './owner-only-files';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'files-'));
  path = join(folder, 'file');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const modeOf = async () => ((await stat(path)).mode & 0o777).toString(8);

describe('a file that is put into place', () => {
  it('is for its owner alone, or as it is told, whatever the umask', async () => {
    await putFile(path, 'one', { overwrite: false });
    expect(await modeOf()).toBe('600');
    const before = process.umask(0o077);
    await putFile(path, 'two', { overwrite: true, mode: 0o644 });
    process.umask(before);
    expect(await modeOf()).toBe('644');
    expect(await readFile(path, 'utf8')).toBe('two');
    expect(await readdir(folder)).toEqual(['file']);
  });

  it('goes to one of many who put it there at once', async () => {
    const texts = Array.from({ length: 20 }, (_, index) => `text ${index}`);
    const outcomes = await Promise.allSettled(texts.map((text) => putFile(path, text, { overwrite: false })));
    const winners = texts.filter((_, index) => outcomes[index]?.status === 'fulfilled');
    expect(winners).toEqual([await readFile(path, 'utf8')]);
    expect(await readdir(folder)).toEqual(['file']);
  });

  it('replaces a link, and never what it leads to', async () => {
    const other = join(folder, 'other');
    await writeFile(other, 'precious');
    await symlink(other, path);
    await expect(putFile(path, 'new', { overwrite: false })).rejects.toThrow(/nothing is overwritten/);
    await putFile(path, 'new', { overwrite: true });
    expect(await Promise.all([path, other].map((name) => readFile(name, 'utf8')))).toEqual(['new', 'precious']);
  });
});
