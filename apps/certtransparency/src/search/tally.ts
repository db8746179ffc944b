import { CERTIFICATE_KINDS, type CertificateKind, type DayStatistics } from '@libs/contracts';

export const DAY_MS = 86_400_000;

/** Equal certificates, or equal revocations, of a stretch of the log; days are numbered from 1970 on, in UTC. */
export interface Count {
  /** Null for revocations. */
  readonly kind: number | null;
  /** When they were logged. */
  readonly day: number;
  /** When the certificates expire. */
  readonly expiryDay: number;
  readonly count: number;
}

/** Sums over the first entries of the log, by which every count is answered. */
export class Tally {
  private readonly kinds = CERTIFICATE_KINDS.map(() => 0);
  private readonly issued = new Sums();
  private readonly revoked = new Sums();
  private readonly expiring = new Sums();
  private readonly expiringRevoked = new Sums();

  add({ kind, day, expiryDay, count }: Count): void {
    if (kind === null) {
      this.revoked.add(day, count);
      this.expiringRevoked.add(expiryDay, count);
      return;
    }
    this.kinds[kind - 1] = (this.kinds[kind - 1] ?? 0) + count;
    this.issued.add(day, count);
    this.expiring.add(expiryDay, count);
  }

  get certificates(): number {
    return this.issued.total;
  }

  get revocations(): number {
    return this.revoked.total;
  }

  byKind(): Record<CertificateKind, number> {
    const [user = 0, computer = 0, server = 0] = this.kinds;
    return { user, computer, server };
  }

  /** Days that follow each other, up to the given one. */
  byDay(days: number, last: number): DayStatistics[] {
    return Array.from({ length: days }, (_, i) => {
      const day = last - days + 1 + i;
      const name = new Date(day * DAY_MS).toISOString().slice(0, 10);
      return { day: name, issued: this.issued.of(day), revoked: this.revoked.of(day) };
    });
  }

  /** Certificates that expired before a day and had not been revoked. */
  expiredBefore(day: number): number {
    return this.expiring.before(day) - this.expiringRevoked.before(day);
  }
}

class Sums {
  total = 0;
  private readonly byDay = new Map<number, number>();

  add(day: number, count: number): void {
    this.total += count;
    this.byDay.set(day, this.of(day) + count);
  }

  of(day: number): number {
    return this.byDay.get(day) ?? 0;
  }

  before(day: number): number {
    let sum = 0;
    for (const [other, count] of this.byDay) if (other < day) sum += count;
    return sum;
  }
}
