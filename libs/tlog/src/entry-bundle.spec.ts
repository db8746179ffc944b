import fc from 'fast-check';
import { decodeEntryBundle, encodeEntryBundle } from './entry-bundle';
import { TlogError } from './tlog-error';

const leaf = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
const leaves = fc.array(leaf, { minLength: 1, maxLength: 256 });
const malformed = expect.objectContaining({ code: 'malformed_bundle' }) as Error;

describe('entry bundles', () => {
  it('are the same after being encoded and decoded', () => {
    fc.assert(fc.property(leaves, (any) => expect(decodeEntryBundle(encodeEntryBundle(any))).toEqual(any)));
  });

  it('have one encoding: whatever decodes encodes to the same bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        try {
          expect(encodeEntryBundle(decodeEntryBundle(Buffer.from(bytes)))).toEqual(Buffer.from(bytes));
        } catch (error) {
          if (!(error instanceof TlogError)) throw error;
        }
      }),
    );
  });

  it('have the layout of the standard', () => {
    const bundle = encodeEntryBundle([Buffer.from('ab'), Buffer.alloc(0), Buffer.alloc(0x0102, 7)]);
    expect(bundle.toString('hex')).toBe(`0002616200000102${'07'.repeat(0x0102)}`);
  });

  it('hold the longest leaf, and 256 leaves', () => {
    const longest = Buffer.alloc(0xffff, 1);
    expect(decodeEntryBundle(encodeEntryBundle([longest]))).toEqual([longest]);
    const full = Array.from({ length: 256 }, (_, i) => Buffer.of(i));
    expect(decodeEntryBundle(encodeEntryBundle(full))).toEqual(full);
  });

  it.each([
    ['no leaf', []],
    ['257 leaves', Array.from({ length: 257 }, () => Buffer.of(1))],
    ['a leaf of 65,536 bytes', [Buffer.alloc(0x10000)]],
  ])('are not made of %s', (_, broken) => {
    expect(() => encodeEntryBundle(broken)).toThrow(malformed);
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['half a length', Buffer.of(0)],
    ['a leaf that is cut short', Buffer.of(0, 2, 1)],
    ['half a length at the end', Buffer.of(0, 1, 1, 0)],
    ['257 leaves', Buffer.alloc(2 * 257)],
  ])('are refused when they are %s', (_, bytes) => {
    expect(() => decodeEntryBundle(bytes)).toThrow(malformed);
  });
});
