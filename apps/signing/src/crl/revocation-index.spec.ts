import type { CertificateLog, RevocationFeed, RevokedCertificate } from '@libs/contracts';
import { RevocationIndex } from './revocation-index';

const day = (n: number): Date => new Date(Date.UTC(2030, 0, n));

const record = (index: number, changes: Partial<RevokedCertificate> = {}): RevokedCertificate => ({
  index,
  fingerprint: 'ab'.repeat(32),
  serial_number: String(index).padStart(40, '1'),
  issuer: 'cd'.repeat(32),
  not_after: day(10).toISOString(),
  reason: 'superseded',
  revoked_at: day(1).toISOString(),
  ...changes,
});

/** A log that answers one prepared page after another, and remembers where it was asked to begin. */
function logOf(...pages: readonly RevocationFeed[]): { log: CertificateLog; asked: number[] } {
  const asked: number[] = [];
  const revocations: CertificateLog['revocations'] = ({ since }) => {
    const page = pages[asked.length];
    asked.push(since);
    return page === undefined ? Promise.reject(new Error('no page')) : Promise.resolve(page);
  };
  return { log: { revocations } as CertificateLog, asked };
}

const page = (items: RevokedCertificate[], nextSince: number, complete = true): RevocationFeed => ({
  items,
  next_since: nextSince,
  complete,
});

const serialsOf = (index: RevocationIndex, moment: Date): string[] =>
  index.unexpiredAt(moment).map(({ serialNumber }) => serialNumber);

describe('the revocation index', () => {
  it('reads page after page, and later only what is new', async () => {
    const index = new RevocationIndex('cd'.repeat(32));
    const { log, asked } = logOf(page([record(3)], 4, false), page([record(7)], 9), page([record(12)], 20));
    await index.pull(log);
    expect([index.completeBelow, index.newestIndex]).toEqual([9, 7]);
    await index.pull(log);
    expect(asked).toEqual([0, 4, 9]);
    expect([index.completeBelow, index.newestIndex]).toEqual([20, 12]);
    expect(index.unexpiredAt(day(2))).toHaveLength(3);
  });

  it('counts nothing as complete when a page is missing, but keeps what it has', async () => {
    const index = new RevocationIndex('cd'.repeat(32));
    await expect(index.pull(logOf(page([record(3)], 4, false)).log)).rejects.toThrow();
    expect(index.completeBelow).toBe(0);
    expect(index.unexpiredAt(day(2))).toHaveLength(1);
  });

  it('never forgets, whatever the log answers later: the first entry stands', async () => {
    const index = new RevocationIndex('cd'.repeat(32));
    const later = record(9, {
      serial_number: record(3).serial_number,
      reason: 'unspecified',
      not_after: day(1).toISOString(),
    });
    const { log } = logOf(page([record(3)], 4), page([later], 10), page([], 2));
    for (let pull = 0; pull < 3; pull += 1) await index.pull(log);
    expect(index.unexpiredAt(day(2))).toEqual([expect.objectContaining({ reason: 4, notAfter: day(10) })]);
    expect(index.completeBelow).toBe(10);
  });

  it('leaves a certificate out only when it had expired at the CRL before', async () => {
    const index = new RevocationIndex('cd'.repeat(32));
    await index.pull(logOf(page([record(1), record(2, { not_after: day(20).toISOString() })], 3)).log);
    expect(serialsOf(index, day(10))).toHaveLength(2);
    expect(serialsOf(index, day(11))).toEqual([record(2).serial_number]);
    expect(index.hasExpired(record(1).serial_number, day(11))).toBe(true);
    expect(index.hasExpired(record(2).serial_number, day(11))).toBe(false);
    expect(index.hasExpired('FF', day(11))).toBe(false);
  });
});
