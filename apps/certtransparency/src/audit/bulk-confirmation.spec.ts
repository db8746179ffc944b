import { createHash } from 'node:crypto';
import { InvalidRequest } from '@libs/http';
import fc from 'fast-check';
import { criterionOf, parseConfirmation, printConfirmation, setDigest } from './bulk-confirmation';

const digest = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex'));
const sets = fc.record({
  size: fc.maxSafeNat(),
  moment: fc.nat({ max: 8.64e15 }),
  count: fc.maxSafeNat(),
  digest,
});

describe('a confirmation', () => {
  it('says the set that was printed', () => {
    fc.assert(
      fc.property(sets, (set) => {
        expect(parseConfirmation(printConfirmation(set))).toEqual(set);
      }),
    );
  });

  it('is refused when it was not printed here', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.stringMatching(/^[0-9]{0,17}\.[0-9]{0,17}\.[0-9]{0,17}\.[0-9a-f]{60,66}$/)),
        (text) => {
          try {
            expect(printConfirmation(parseConfirmation(text))).toBe(text);
          } catch (error) {
            expect(error).toBeInstanceOf(InvalidRequest);
          }
        },
      ),
    );
  });

  it.each(['01.2.3', '1.02.3', '1.2.-3', '1e3.2.3', ' 1.2.3', '1.8640000000000001.3', '9007199254740992.1.1'])(
    'has one spelling: not %s',
    (numbers) => {
      expect(() => parseConfirmation(`${numbers}.${'a'.repeat(64)}`)).toThrow(InvalidRequest);
    },
  );

  it('covers whose certificates they are', () => {
    const fingerprints = createHash('sha256').digest();
    const digests = [
      setDigest({ field: 'user_id', value: 'a' }, fingerprints),
      setDigest({ field: 'user_id', value: 'b' }, fingerprints),
      setDigest({ field: 'psk_id', value: 'a' }, fingerprints),
      setDigest({ field: 'user_id', value: 'a' }, Buffer.alloc(32)),
    ];
    expect(new Set(digests).size).toBe(4);
  });

  it('is about exactly one criterion', () => {
    expect(criterionOf({ psk_id: 'a' })).toEqual({ field: 'psk_id', value: 'a' });
    expect(() => criterionOf({})).toThrow(InvalidRequest);
    expect(() => criterionOf({ psk_id: 'a', issuer: 'b' })).toThrow(InvalidRequest);
  });
});
