import type { Connection } from 'pg';
import { CopyOut } from './copy-out';

const ROW_BYTES = 100_000;
/** More than are read ahead. */
const ROWS = 12;

/** A connection that does nothing but tell whether it is held back. */
function quietConnection() {
  let isPaused = false;
  const stream = {
    pause: () => {
      isPaused = true;
    },
    resume: () => {
      isPaused = false;
    },
  };
  return { connection: { query: () => undefined, stream } as unknown as Connection, isPaused: () => isPaused };
}

function begun(onReady: () => void = () => undefined) {
  const { connection, isPaused } = quietConnection();
  const copy = new CopyOut('COPY', onReady);
  copy.submit(connection);
  copy.handleCopyData({ chunk: Buffer.alloc(19 + ROW_BYTES) });
  for (let row = 1; row < ROWS; row += 1) copy.handleCopyData({ chunk: Buffer.alloc(ROW_BYTES, row) });
  return { copy, isPaused };
}

describe('the rows of a COPY', () => {
  it('are held back while many of them wait, and go on when they have been taken', async () => {
    const { copy, isPaused } = begun();
    expect(isPaused()).toBe(true);
    for (let row = 0; row < ROWS; row += 1) expect((await copy.next())?.[0]).toBe(row);
    expect(isPaused()).toBe(false);
  });

  it('do not hold back what the connection is used for next', async () => {
    const paused: boolean[] = [];
    const { copy, isPaused } = begun(() => paused.push(isPaused()));
    copy.handleCommandComplete();
    copy.handleReadyForQuery();
    expect(paused).toEqual([false]);
    for (let row = 0; row < ROWS; row += 1) expect((await copy.next())?.[0]).toBe(row);
    await expect(copy.next()).resolves.toBeUndefined();
  });
});
