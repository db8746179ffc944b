import type { CertificateLog, LogEntry, RevocationReason } from '@libs/contracts';
import { dayMs, newSerialNumber } from '@libs/pki';
import { FixedClock } from '@libs/testing';
import type { SigningIssuer } from '../../src/key-store/key-store';

/** Whole seconds, as the times of CRLs. */
export const start = new Date(Math.floor(Date.now() / 1000) * 1000);
const BACKDATED_MS = 300_000;

/** What the log says of numbers and revocations, by a clock of its own. It holds everything that is appended for proven. */
export class Records {
  readonly clock = new FixedClock(start);
  readonly revocations: { issuer: string; serial_number: string; not_after: string; reason: RevocationReason }[] = [];
  readonly appended: LogEntry[] = [];
  isDown = false;
  private readonly numbers = new Map<string, { number: number; thisUpdate: number }>();

  get log(): CertificateLog {
    const log: Pick<CertificateLog, 'allocateCrlNumber' | 'revocations' | 'append'> = {
      allocateCrlNumber: (issuer) => this.answer(() => this.allocate(issuer)),
      revocations: ({ since, issuer }) => this.answer(() => this.feed(since, issuer)),
      append: (entry) =>
        this.answer(() => {
          const index = this.appended.push(entry);
          return { index, receipt: '', context_salt: null, known: false };
        }),
    };
    return log as CertificateLog;
  }

  /** Answers the serial number and the log index. */
  revoke(issuer: SigningIssuer, notAfter = new Date(start.getTime() + 90 * dayMs)): { serial: string; index: number } {
    const serial = newSerialNumber();
    this.revocations.push({
      issuer: keyOf(issuer),
      serial_number: serial,
      not_after: notAfter.toISOString(),
      reason: 'superseded',
    });
    return { serial, index: this.revocations.length - 1 };
  }

  private async answer<T>(work: () => T): Promise<T> {
    return this.isDown ? Promise.reject(new Error('the log is away')) : Promise.resolve(work());
  }

  private allocate(issuer: string): { number: number; this_update: string } {
    const previous = this.numbers.get(issuer) ?? { number: 0, thisUpdate: 0 };
    const backdated = Math.floor((this.clock.now().getTime() - BACKDATED_MS) / 1000) * 1000;
    const next = { number: previous.number + 1, thisUpdate: Math.max(previous.thisUpdate + 1000, backdated) };
    this.numbers.set(issuer, next);
    return { number: next.number, this_update: new Date(next.thisUpdate).toISOString() };
  }

  private feed(since: number, issuer: string | undefined) {
    const items = this.revocations
      .map((record, index) => ({ ...record, index, fingerprint: '', revoked_at: start.toISOString() }))
      .filter((record) => record.index >= since && record.issuer === issuer);
    return { items, next_since: this.revocations.length, complete: true };
  }
}

const keyOf = ({ issuer }: Pick<SigningIssuer, 'issuer'>): string => issuer.spkiSha256.toString('hex');
