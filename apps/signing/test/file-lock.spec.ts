import { copyFile, mkdtemp, readFile, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LoggedProcess } from '../../../test/support/logged-process';
import { withFileLock } from '../src/crl/file-lock';
import { lockHolderFrom, thisProcess } from '../src/crl/lock-holder';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'file-lock-'));
  path = join(folder, 'lock');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

function taker(...args: readonly string[]): LoggedProcess {
  const program = join(__dirname, 'support', 'lock-taker.ts');
  return LoggedProcess.start('lock taker', process.execPath, [
    ...['-r', 'ts-node/register/transpile-only', program],
    ...args,
  ]);
}

async function takenAndKilled(where: string): Promise<void> {
  const holder = taker('hold', where);
  await holder.waitFor('held', 20_000);
  holder.signal('SIGKILL');
  await holder.ended;
}

/** How long it takes to get in, and what is left in the folder afterwards. */
async function entered(): Promise<{ readonly ms: number; readonly left: readonly string[] }> {
  const began = performance.now();
  await withFileLock(path, () => Promise.resolve());
  return { ms: performance.now() - began, left: await readdir(folder) };
}

async function age(file: string): Promise<void> {
  const longAgo = new Date(Date.now() - 60_000);
  await utimes(file, longAgo, longAgo);
}

async function idOf(file: string): Promise<string> {
  const { ino, mtimeMs } = await stat(file);
  return `${String(ino)}-${String(mtimeMs)}`;
}

describe('the file lock', () => {
  it('lets one in at a time', async () => {
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      most = Math.max(most, (inside += 1));
      await new Promise((resolve) => setTimeout(resolve, 5));
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 6 }, () => withFileLock(path, work)));
    expect(most).toBe(1);
    expect(await readdir(folder)).toEqual([]);
  });

  it('is free again after a failure', async () => {
    await expect(withFileLock(path, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    expect(await readdir(folder)).toEqual([]);
  });

  it('that somebody took away and took is not given back for them', async () => {
    await withFileLock(path, async () => {
      await rm(path);
      await writeFile(path, 'theirs');
    });
    expect(await readFile(path, 'utf8')).toBe('theirs');
  });
});

describe('a lock that was left behind', () => {
  it('is taken over at once after kill -9, also when whoever took it over was killed', async () => {
    await takenAndKilled(path);
    await copyFile(path, `${path}.after-${await idOf(path)}`);
    await copyFile(path, `${path}.0123456789ab`);
    const { ms, left } = await entered();
    expect(ms).toBeLessThan(1_000);
    expect(left).toEqual([]);
  });

  it('by an earlier process of the same number is taken over at once', async () => {
    await writeFile(path, JSON.stringify({ ...(await thisProcess()), started: '1' }));
    expect((await entered()).ms).toBeLessThan(1_000);
  });

  it.each([
    [
      'of another machine',
      async () => JSON.stringify({ ...(await thisProcess()), host: 'elsewhere', pid: 999_999_999 }),
    ],
    ['that says nothing', () => ''],
    ['that says something else', () => '{"host":"","pid":-1,"started":null}'],
  ])('%s is believed in until it is old', async (_, content) => {
    await writeFile(path, await content());
    const getsIn = jest.fn();
    const waiting = withFileLock(path, () => Promise.resolve(getsIn()));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(getsIn).not.toHaveBeenCalled();
    await age(path);
    await waiting;
    expect(getsIn).toHaveBeenCalledTimes(1);
    expect(await readdir(folder)).toEqual([]);
  });

  it('is taken over by one of several processes that find it in the same moment', async () => {
    await takenAndKilled(path);
    const rounds = 60;
    for (let round = 0; round < rounds; round += 1) await copyFile(path, join(folder, `lock-${String(round)}`));
    await rm(path);
    const firstAt = String(Date.now() + 4_000);
    const takers = Array.from({ length: 3 }, () => taker('race', folder, firstAt, '60', String(rounds)));
    for (const { ended } of takers) await ended;
    expect(takers.map((one) => one.output())).toEqual(takers.map(() => 'never met another\n'));
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('the holder of a lock', () => {
  it('is read as it was written', async () => {
    const holder = await thisProcess();
    expect(lockHolderFrom(JSON.stringify(holder))).toEqual(holder);
    expect(holder.pid).toBe(process.pid);
  });
});
