import type { Connection, Submittable } from 'pg';
import type { RowSource } from './row-source';

/** `PGCOPY\n\377\r\n\0`, flags, length of the extension: what the binary format begins with. */
const HEADER_BYTES = 19;
/** A field count of -1 instead of a row. */
const TRAILER_BYTES = 2;
const SLAB_BYTES = 128 * 1024;
const SLABS_AHEAD = 4;

/** Rows one after the other. Only where each ends is kept beside the bytes: objects for rows that wait would cost more. */
class Slab {
  private readonly bytes: Buffer;
  private readonly ends: number[] = [];
  private taken = 0;

  constructor(size: number) {
    this.bytes = Buffer.allocUnsafeSlow(size);
  }

  get isEmpty(): boolean {
    return this.taken === this.ends.length;
  }

  /** Answers false when there is no room. */
  add(row: Buffer): boolean {
    const start = this.ends.at(-1) ?? 0;
    if (start + row.length > this.bytes.length) return false;
    this.bytes.set(row, start);
    this.ends.push(start + row.length);
    return true;
  }

  take(): Buffer {
    const start = this.taken === 0 ? 0 : this.ends[this.taken - 1];
    const row = this.bytes.subarray(start, this.ends[this.taken]);
    this.taken += 1;
    return row;
  }

  clear(): void {
    this.ends.length = 0;
    this.taken = 0;
  }
}

/**
 * The rows of a `COPY … TO STDOUT (FORMAT binary)`. A fraction of the cost of rows as text, where each byte of a leaf would
 * be two digits. Reads a little ahead.
 */
export class CopyOut implements Submittable, RowSource {
  private readonly slabs: Slab[] = [];
  private readonly spare: Slab[] = [];
  private row: Buffer | undefined;
  private headerSeen = false;
  private ended = false;
  private failure: Error | undefined;
  private wake: (() => void) | undefined;
  private connection: Connection | undefined;

  /** @param onReady told when the connection can be used for something else */
  constructor(
    private readonly sql: string,
    private readonly onReady: () => void,
  ) {}

  get head(): Buffer | undefined {
    this.row ??= this.takeRow();
    return this.row;
  }

  get isDone(): boolean {
    return this.ended && this.failure === undefined && this.head === undefined;
  }

  async peek(): Promise<Buffer | undefined> {
    for (;;) {
      const { head } = this;
      if (head !== undefined) return head;
      if (this.failure !== undefined) throw this.failure;
      if (this.ended) return undefined;
      await this.more();
    }
  }

  skip(): void {
    this.row = undefined;
  }

  async next(): Promise<Buffer | undefined> {
    const row = await this.peek();
    this.skip();
    return row;
  }

  submit(connection: Connection): void {
    this.connection = connection;
    connection.query(this.sql);
  }

  /** The server sends one message for each row, the header together with the first. */
  handleCopyData({ chunk }: { readonly chunk: Buffer }): void {
    const row = this.headerSeen ? chunk : chunk.subarray(HEADER_BYTES);
    this.headerSeen = true;
    if (row.length <= TRAILER_BYTES) return;
    // The message lies in a buffer that will be used again.
    if (this.slabs.at(-1)?.add(row) !== true) this.addSlab(row);
    this.wake?.();
  }

  handleError(error: Error): void {
    this.failure = error;
    this.end();
  }

  handleCommandComplete(): void {
    this.end();
  }

  handleReadyForQuery(): void {
    this.end();
    // What has arrived may be more than is read ahead: the connection is no longer this query's to hold back.
    this.connection?.stream.resume();
    this.connection = undefined;
    this.onReady();
  }

  private addSlab(row: Buffer): void {
    let slab = this.spare.pop();
    if (slab?.add(row) !== true) {
      slab = new Slab(Math.max(SLAB_BYTES, row.length));
      slab.add(row);
    }
    this.slabs.push(slab);
    if (this.slabs.length > SLABS_AHEAD) this.connection?.stream.pause();
  }

  private takeRow(): Buffer | undefined {
    const [slab] = this.slabs;
    if (slab === undefined) return undefined;
    if (!slab.isEmpty) return slab.take();
    this.slabs.shift();
    slab.clear();
    this.spare.push(slab);
    if (this.slabs.length < SLABS_AHEAD) this.connection?.stream.resume();
    return this.slabs[0]?.take();
  }

  private end(): void {
    this.ended = true;
    this.wake?.();
  }

  private more(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = () => {
        this.wake = undefined;
        resolve();
      };
    });
  }
}
