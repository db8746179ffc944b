import type { CrlLeaf } from '@libs/tlog';
import type { RowSource } from './database/row-source';
import { decodeRow, numberOf, type WireValue } from './database/wire-row';
import { CRL_NUMBERS } from './expected-rows';
import type { Findings } from './findings';

const SECOND_US = 1_000_000n;

interface Published {
  readonly number: number;
  readonly index: number;
}

interface Allocated {
  readonly issuer: string;
  readonly number: number;
  readonly thisUpdate: bigint;
}

/**
 * The numbers that were given to CRLs: from 1 on without a gap for each issuer, thisUpdate rising by a second at least,
 * and one for every CRL that the log knows. A number without an entry is none that was lost: it was given, and not used.
 */
export class CrlNumberAudit {
  checked = 0;
  private readonly published = new Map<string, Published>();

  constructor(
    private readonly openRows: () => Promise<RowSource>,
    private readonly findings: Findings,
  ) {}

  publish(index: number, { issuer, crlNumber }: CrlLeaf): void {
    const key = issuer.toString('hex');
    if (crlNumber > (this.published.get(key)?.number ?? 0)) this.published.set(key, { number: crlNumber, index });
  }

  async finish(): Promise<void> {
    const last = new Map<string, Allocated>();
    const rows = await this.openRows();
    for (let row = await rows.next(); row !== undefined; row = await rows.next()) {
      const [number, issuer, thisUpdate] = decodeRow(row);
      const allocated = { issuer: hex(issuer), number: numberOf(number), thisUpdate: microseconds(thisUpdate) };
      this.compare(allocated, last.get(allocated.issuer));
      last.set(allocated.issuer, allocated);
    }
    for (const [issuer, { number, index }] of this.published) {
      if (number <= (last.get(issuer)?.number ?? 0)) continue;
      const detail = `CRL number ${number} of this issuer stands in entry ${index} and was never given`;
      this.report(issuer, number, 'row_missing', detail);
    }
  }

  private compare({ issuer, number, thisUpdate }: Allocated, previous: Allocated | undefined): void {
    this.checked += 1;
    if (number !== (previous?.number ?? 0) + 1) {
      this.report(issuer, number, 'row_missing', `the numbers before ${number} of this issuer are not all there`);
    }
    const earliest = previous === undefined ? thisUpdate : previous.thisUpdate + SECOND_US;
    if (thisUpdate < earliest || thisUpdate % SECOND_US !== 0n) {
      this.report(issuer, number, 'row_differs', 'this_update is not a whole second later than the one before');
    }
  }

  private report(issuer: string, number: number, code: string, detail: string): void {
    this.findings.add({ table: CRL_NUMBERS.table, index: `${issuer}/${number}`, code, detail });
  }
}

function hex(value: WireValue | undefined): string {
  return value?.toString('hex') ?? '';
}

function microseconds(value: WireValue | undefined): bigint {
  return value?.length === 8 ? value.readBigInt64BE() : 0n;
}
