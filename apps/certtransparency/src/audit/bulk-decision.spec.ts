import { createHash } from 'node:crypto';
import { MAX_BULK_REVOCATION } from '@libs/contracts';
import { BulkTooLarge, RevocationSetChanged } from './audit.errors';
import { setDigest } from './bulk-confirmation';
import { assertAsConfirmed, type BulkRevocation } from './bulk-decision';

const criterion = { field: 'user_id', value: 'a' } as const;
const order = { reason: 4, revokedAt: 0, actor: null, context: null };
const target = (byte: number) => ({ index: byte, fingerprint: Buffer.alloc(32, byte), issuer: Buffer.alloc(32) });
const confirmedOf = (...targets: readonly ReturnType<typeof target>[]): BulkRevocation => {
  const fingerprints = Buffer.concat(targets.map(({ fingerprint }) => fingerprint));
  const digest = setDigest(criterion, createHash('sha256').update(fingerprints).digest());
  return { criterion, order, confirmed: { size: 9, moment: 0, count: targets.length, digest } };
};

describe('a bulk revocation', () => {
  it('takes exactly what was confirmed', () => {
    const bulk = confirmedOf(target(1), target(2));
    expect(() => assertAsConfirmed(bulk, [target(1), target(2)])).not.toThrow();
    for (const other of [[], [target(1)], [target(2), target(1)], [target(1), target(2), target(3)]]) {
      expect(() => assertAsConfirmed(bulk, other)).toThrow(RevocationSetChanged);
    }
  });

  it('takes whatever there is when nothing was confirmed', () => {
    const bulk = { criterion, order, confirmed: undefined };
    for (const targets of [[], [target(1)]]) expect(() => assertAsConfirmed(bulk, targets)).not.toThrow();
  });

  it('has a largest size', () => {
    const bulk = { criterion, order, confirmed: undefined };
    const most = Array.from({ length: MAX_BULK_REVOCATION }, () => target(1));
    expect(() => assertAsConfirmed(bulk, most)).not.toThrow();
    expect(() => assertAsConfirmed(bulk, [...most, target(1)])).toThrow(BulkTooLarge);
  });
});
