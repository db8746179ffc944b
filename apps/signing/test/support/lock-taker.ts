import { mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { withFileLock } from '../../src/crl/file-lock';

/** A process of its own that takes locks: `hold PATH`, until it is killed; or `race FOLDER FIRST_AT EVERY_MS COUNT`. */
async function main([task, path = '', ...numbers]: readonly string[]): Promise<void> {
  if (task === 'hold') return hold(path);
  const [firstAt = 0, everyMs = 0, count = 0] = numbers.map(Number);
  for (let round = 0; round < count; round += 1) {
    await until(firstAt + round * everyMs);
    await withFileLock(join(path, `lock-${String(round)}`), () => alone(join(path, `inside-${String(round)}`)));
  }
  console.log('never met another');
}

async function hold(path: string): Promise<void> {
  await withFileLock(path, async () => {
    console.log('held');
    await sleep(600_000);
  });
}

/** @throws Error when another process is inside at the same time */
async function alone(folder: string): Promise<void> {
  await mkdir(folder);
  await sleep(4);
  await rmdir(folder);
}

/** Everybody begins in the same fraction of a millisecond. */
async function until(time: number): Promise<void> {
  await sleep(Math.max(0, time - Date.now() - 5));
  while (Date.now() < time);
}

void main(process.argv.slice(2));
