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

const positionOf = (index: RevocationIndex, { serial_number }: RevokedCertificate): number =>
  index.revoked.find(Buffer.from(serial_number, 'hex'), 0, 20);

describe('the revocation index', () => {
  it('reads page after page, and later only what is new', async () => {
    const index = new RevocationIndex('cd'.repeat(32));
    const { log, asked } = logOf(page([record(3)], 4, false), page([record(7)], 9), page([record(12)], 20));
    await index.pull(log);
    expect([index.completeBelow, index.newestIndex]).toEqual([9, 7]);
    await index.pull(log);
    expect(asked).toEqual([0, 4, 9]);
    expect([index.completeBelow, index.newestIndex]).toEqual([20, 12]);
    expect(index.revoked.size).toBe(3);
  });

  it('counts nothing as complete when a page is missing, but keeps what it has', async () => {
    const index = new RevocationIndex('cd'.repeat(32));
    await expect(index.pull(logOf(page([record(3)], 4, false)).log)).rejects.toThrow();
    expect(index.completeBelow).toBe(0);
    expect(index.revoked.size).toBe(1);
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
    const position = positionOf(index, record(3));
    expect([index.revoked.size, index.revoked.reason(position)]).toEqual([1, 4]);
    expect(index.revoked.isUnexpiredAt(position, day(10))).toBe(true);
    expect(index.completeBelow).toBe(10);
  });

  it('tells which certificates had expired, and knows none that has not been revoked', async () => {
    const index = new RevocationIndex('cd'.repeat(32));
    const [first, second] = [record(1), record(2, { not_after: day(20).toISOString() })];
    await index.pull(logOf(page([first, second], 3)).log);
    const isUnexpired = (of: RevokedCertificate, moment: Date): boolean =>
      index.revoked.isUnexpiredAt(positionOf(index, of), moment);
    expect([isUnexpired(first, day(10)), isUnexpired(first, day(11)), isUnexpired(second, day(11))]).toEqual([
      true,
      false,
      true,
    ]);
    expect(positionOf(index, record(3))).toBe(-1);
  });

  it.each(['1815-12-10T00:00:00.000Z', '9999-12-31T23:59:59.000Z'])(
    'keeps a certificate on the CRL whose revocation claims to be of %s',
    async (claimed) => {
      const index = new RevocationIndex('cd'.repeat(32));
      await index.pull(logOf(page([record(1, { revoked_at: claimed, not_after: claimed })], 3)).log);
      expect(positionOf(index, record(1))).toBe(0);
    },
  );
});
