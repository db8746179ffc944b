import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataLock } from './data-lock';

describe('DataLock', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ovpn-lock-'));
    path = join(folder, 'stack.lock');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('refuses a second stack on the folder and says where the first one is', () => {
    const lock = DataLock.take(path, 'http://localhost:8600');
    expect(() => DataLock.take(path, 'http://localhost:1')).toThrow(
      `already runs on this folder (process ${process.pid}, http://localhost:8600)`,
    );
    lock.release();
    DataLock.take(path, 'http://localhost:1').release();
  });

  it.each(['', 'garbage', '{"pid":999999999,"address":"x"}', '{"pid":"x","address":"x"}'])(
    'takes over what a killed stack left behind: %s',
    (content) => {
      writeFileSync(path, content);
      expect(() => DataLock.take(path, 'http://localhost:1').release()).not.toThrow();
    },
  );
});
