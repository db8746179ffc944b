import fc from 'fast-check';
import { unfitValueIn } from './well-formed-values';

describe('values of a request', () => {
  it.each([
    ['NUL', 'a\0b'],
    ['the first half of a pair', 'a\ud83d'],
    ['the second half', '\ude00a'],
  ])('are unfit with %s, wherever it stands', (_, text) => {
    expect(unfitValueIn(text)).toMatchObject({ field: '' });
    expect(unfitValueIn({ name: text })).toMatchObject({ field: 'name' });
    expect(unfitValueIn({ list: ['a', { b: text }] })).toMatchObject({ field: 'list.1.b' });
  });

  it('are unfit when they are nested too deeply, however deep that is', () => {
    const nested = (depth: number) => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`) as unknown;
    expect(unfitValueIn(nested(33))).toBeUndefined();
    expect(unfitValueIn(nested(34))).toMatchObject({ message: 'the request is nested too deeply' });
    expect(unfitValueIn(nested(60_000))).toBeDefined();
  });

  it('are fit otherwise: everything that UTF-8 and JSON carry', () => {
    const texts = fc.string({ unit: 'binary', maxLength: 50 }).filter((text) => !text.includes('\0'));
    fc.assert(
      fc.property(fc.array(fc.dictionary(texts, fc.option(fc.oneof(texts, fc.double(), fc.boolean())))), (value) => {
        expect(unfitValueIn(value)).toBeUndefined();
      }),
    );
  });
});
