import { Injectable } from '@nestjs/common';
import type { CertificateSearch } from '@libs/contracts';
import { Clock } from '@libs/http';
import { parseCursor, type SearchPosition } from './cursor';
import { LogTime } from './log-time';
import { type Axis, orderOf, type SearchOrder } from './search-order';
import { checkSearch } from './search-rules';

/** Includes its beginning and not its end. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** A search whose moments have become positions of the log. */
export interface SearchTerms {
  readonly query: CertificateSearch;
  readonly order: SearchOrder;
  readonly limit: number;
  /** The moment that the status is asked about, and how many entries were logged by then. */
  readonly moment: Date;
  readonly asOf: number;
  /** Where a certificate must lie on each axis; times are in milliseconds. */
  readonly ranges: Readonly<Record<Axis, Range>>;
  /** Where the page before ended. */
  readonly after: SearchPosition['keys'] | undefined;
}

/** The last millisecond that a Date holds; no log has as many entries. */
export const FOREVER = 8.64e15;

const DEFAULT_LIMIT = 50;

@Injectable()
export class SearchTermsReader {
  constructor(
    private readonly time: LogTime,
    private readonly clock: Clock,
  ) {}

  /** @throws InvalidRequest for conditions that cannot be met together, and for a cursor of another search */
  async read(query: CertificateSearch): Promise<SearchTerms> {
    checkSearch(query);
    const order = orderOf(query);
    const position = query.cursor === undefined ? undefined : parseCursor(query, query.cursor, order.columns.length);
    const moment = new Date(query.at ?? position?.moment ?? this.clock.now());
    const [from = 0, to = FOREVER, asOf = FOREVER] = await Promise.all([
      this.indexAt(query.issued_from),
      this.indexAt(query.issued_to),
      query.status && this.indexAt(moment.getTime() + 1),
    ]);
    const ranges = {
      // What was revoked by then was issued before; said twice, the database would take the few for fewer.
      issue: { from, to: query.status === 'revoked' ? to : Math.min(to, asOf) },
      expiry: expiryRange(query, moment),
      revocation: { from: 0, to: query.status === 'revoked' ? asOf : FOREVER },
    };
    return { query, order, limit: query.limit ?? DEFAULT_LIMIT, moment, asOf, ranges, after: position?.keys };
  }

  private async indexAt(time: string | number | undefined): Promise<number | undefined> {
    return time === undefined ? undefined : this.time.firstIndexAt(new Date(time));
  }
}

/** Expired means that the last millisecond of validity has come. */
function expiryRange({ status, expires_from, expires_to }: CertificateSearch, moment: Date): Range {
  const from = expires_from === undefined ? 0 : Date.parse(expires_from);
  const to = expires_to === undefined ? FOREVER : Date.parse(expires_to);
  const border = moment.getTime() + 1;
  return {
    from: status === 'valid' ? Math.max(from, border) : from,
    to: status === 'expired' ? Math.min(to, border) : to,
  };
}
