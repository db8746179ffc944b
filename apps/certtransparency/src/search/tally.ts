import { CERTIFICATE_KINDS, type CertificateKind, type DayStatistics } from '@libs/contracts';

export const DAY_MS = 86_400_000;
export const HOUR_MS = 3_600_000;

/** Equal certificates, or equal revocations, of a stretch of the log; days and hours are numbered from 1970 on, in UTC. */
export interface Count {
  /** Null for revocations. */
  readonly kind: number | null;
  /** When they were logged. */
  readonly day: number;
  /** When the certificates expire. */
  readonly expiryHour: number;
  readonly count: number;
}

/** Sums over the first entries of the log, by which every count is answered. */
export class Tally {
  private readonly kinds = CERTIFICATE_KINDS.map(() => 0);
  private readonly issued = new Sums();
  private readonly revoked = new Sums();
  private readonly expiring = new Sums();
  private readonly expiringRevoked = new Sums();

  add({ kind, day, expiryHour, count }: Count): void {
    if (kind === null) {
      this.revoked.add(day, count);
      this.expiringRevoked.add(expiryHour, count);
      return;
    }
    this.kinds[kind - 1] = (this.kinds[kind - 1] ?? 0) + count;
    this.issued.add(day, count);
    this.expiring.add(expiryHour, count);
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

  /** Certificates that expired before an hour and had not been revoked. */
  expiredBefore(hour: number): number {
    return this.expiring.before(hour) - this.expiringRevoked.before(hour);
  }
}

class Sums {
  total = 0;
  private readonly counts = new Map<number, number>();

  add(time: number, count: number): void {
    this.total += count;
    this.counts.set(time, this.of(time) + count);
  }

  of(time: number): number {
    return this.counts.get(time) ?? 0;
  }

  before(time: number): number {
    let sum = 0;
    for (const [other, count] of this.counts) if (other < time) sum += count;
    return sum;
  }
}
