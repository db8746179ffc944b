import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { parseRevocation, printRevocation, type PageRevocation } from '@libs/contracts';
import { TlogError } from '@libs/tlog';
import { replaceFile } from './replace-file';

/** Every revocation that was learned, a line each, so that a restart does not have to ask for all of them again. */
export class Journal {
  private readonly path: string;

  constructor(directory: string) {
    this.path = join(directory, 'revocations.txt');
  }

  /** Up to the first line that is damaged, such as one that was being written when the power failed. */
  async *read(): AsyncGenerator<PageRevocation> {
    const file = await open(this.path, 'a+', 0o600);
    try {
      for await (const line of file.readLines({ autoClose: false })) yield parseRevocation(line);
    } catch (error) {
      if (!(error instanceof TlogError)) throw error;
    } finally {
      await file.close();
    }
  }

  async append(revocations: readonly PageRevocation[]): Promise<void> {
    if (revocations.length === 0) return;
    const file = await open(this.path, 'a', 0o600);
    try {
      const { size } = await file.stat();
      try {
        await file.writeFile([...lines(revocations)].join(''));
        await file.sync();
      } catch (error) {
        // Half a line would hide what is appended after it.
        await file.truncate(size);
        throw error;
      }
    } finally {
      await file.close();
    }
  }

  /** Leaves these alone in it. */
  async replace(revocations: Iterable<PageRevocation>): Promise<void> {
    await replaceFile(this.path, inPieces(lines(revocations)), 0o600);
  }
}

const LINES_AT_A_TIME = 1_000;

function* lines(revocations: Iterable<PageRevocation>): Generator<string> {
  for (const revocation of revocations) yield `${printRevocation(revocation)}\n`;
}

function* inPieces(texts: Iterable<string>): Generator<string> {
  let piece: string[] = [];
  for (const text of texts) {
    if (piece.push(text) < LINES_AT_A_TIME) continue;
    yield piece.join('');
    piece = [];
  }
  yield piece.join('');
}
