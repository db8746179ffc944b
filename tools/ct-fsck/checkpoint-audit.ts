import type { Frontier } from '@libs/tlog';
import type { RowSource } from './database/row-source';
import { decodeRow, leadingNumber } from './database/wire-row';
import { CHECKPOINTS } from './expected-rows';
import type { Findings } from './findings';
import type { NoteAudit } from './note-audit';

const EMPTY = Buffer.alloc(0);

/** The stored checkpoints against the tree as it was at their sizes. */
export class CheckpointAudit {
  checked = 0;
  private lastSize = 0;

  constructor(
    private readonly rows: RowSource,
    private readonly notes: NoteAudit,
    private readonly findings: Findings,
  ) {}

  /** False when there is certainly nothing to compare at this size. */
  mayBeDue(size: number): boolean {
    const { head } = this.rows;
    return head === undefined ? !this.rows.isDone : leadingNumber(head) <= size;
  }

  /** To be called whenever the tree has grown by a leaf. */
  async compare(frontier: Frontier): Promise<void> {
    for (let row = await this.rows.peek(); row !== undefined; row = await this.rows.peek()) {
      const size = leadingNumber(row);
      if (size > frontier.size) return;
      this.rows.skip();
      if (size <= this.lastSize) this.report(size, 'checkpoint_size', 'the sizes of checkpoints do not rise');
      else await this.check(row, frontier);
      this.lastSize = Math.max(this.lastSize, size);
    }
  }

  /** The whole log must be covered, and nothing but it. */
  async finish(size: number): Promise<void> {
    if (this.lastSize < size) {
      this.report(size, 'checkpoint_missing', `no checkpoint covers the entries from ${this.lastSize} on`);
    }
    for (let row = await this.rows.next(); row !== undefined; row = await this.rows.next()) {
      this.report(
        leadingNumber(row),
        'log_shrunk',
        `the checkpoint covers more than the ${size} entries that are there`,
      );
    }
    await this.notes.finish();
  }

  private async check(row: Buffer, frontier: Frontier): Promise<void> {
    const [, root, hashes, note] = decodeRow(row);
    const computed = { size: frontier.size, root: frontier.root() };
    if (root?.equals(computed.root) !== true) {
      this.report(computed.size, 'root_differs', 'root is not the one that the leaves lead to');
    }
    if (hashes?.equals(frontier.serialize()) !== true) {
      this.report(computed.size, 'frontier_differs', 'frontier is not the one that the leaves lead to');
    }
    await this.notes.check((note ?? EMPTY).toString(), computed);
    this.checked += 1;
  }

  private report(index: number, code: string, detail: string): void {
    this.findings.add({ table: CHECKPOINTS.table, index, code, detail });
  }
}
