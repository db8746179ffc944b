import type { RowSource } from './database/row-source';
import { differingColumns, leadingNumber } from './database/wire-row';
import type { Findings } from './findings';

export interface ProjectionOptions {
  readonly table: string;
  /** In the order in which they are selected; the first is the int8 by which the rows are ordered, each number once. */
  readonly columns: readonly string[];
  readonly rows: RowSource;
  readonly findings: Findings;
  /** How the index of a row reads in a finding; the number itself by default. */
  readonly indexOf?: (number: number) => string;
}

/** A table that can be made anew from the leaves: its rows are held against those that it should have, in order. */
export class Projection {
  /** Rows that were as they should be. */
  confirmed = 0;

  constructor(private readonly options: ProjectionOptions) {}

  /** Takes the next row when it is at hand and just this one: what nearly all of them are, and without waiting. */
  confirm(expected: Buffer): boolean {
    const { rows } = this.options;
    if (rows.head?.equals(expected) !== true) return false;
    rows.skip();
    this.confirmed += 1;
    return true;
  }

  /** The row of this number, or that there is none. Numbers must rise from call to call. */
  async expect(number: number, expected: Buffer | undefined): Promise<void> {
    const { table, rows, columns } = this.options;
    await this.refuseRowsBelow(number);
    const row = await rows.peek();
    if (row === undefined || leadingNumber(row) !== number) {
      if (expected !== undefined)
        this.report(number, 'row_missing', `${table} has no row where the leaves call for one`);
      return;
    }
    // Without an expectation it is refused as one that was passed over.
    if (expected === undefined) return;
    rows.skip();
    if (row.equals(expected)) {
      this.confirmed += 1;
      return;
    }
    const differing = differingColumns(columns, row, expected);
    this.report(number, 'row_differs', `${differing.join(', ')} not as the leaves say`);
  }

  /** Whatever has not been asked for must not be there. */
  async finish(): Promise<void> {
    await this.refuseRowsBelow(Infinity);
  }

  private async refuseRowsBelow(number: number): Promise<void> {
    const { rows } = this.options;
    for (let row = await rows.peek(); row !== undefined && leadingNumber(row) < number; row = await rows.peek()) {
      this.report(leadingNumber(row), 'row_unfounded', 'there is no leaf for this row');
      rows.skip();
    }
  }

  private report(number: number, code: string, detail: string): void {
    const { table, findings, indexOf } = this.options;
    findings.add({ table, index: indexOf?.(number) ?? number, code, detail });
  }
}
