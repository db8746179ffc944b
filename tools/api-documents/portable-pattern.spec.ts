import { portablePattern } from './portable-pattern';

describe('a pattern for everybody', () => {
  it.each([
    [String.raw`^[^\p{C}\s](?:[^\p{C}]*[^\p{C}\s])?$`, 'Laptop', 'Lap\u0000top'],
    [String.raw`^\P{Cc}*$`, 'replaced at once', 'line\nline'],
    [String.raw`^[^\p{Cc}\p{Zl}\p{Zp},]+$`, 'Zip: place', 'one\u2028two'],
  ])('means without the flag what %s means with it', (pattern, good, bad) => {
    for (const expression of [new RegExp(pattern, 'u'), new RegExp(portablePattern(pattern))]) {
      expect([expression.test(good), expression.test(bad)]).toEqual([true, false]);
    }
  });

  it('is not made up', () => {
    expect(() => portablePattern(String.raw`^\p{Lu}$`)).toThrow('no portable form');
  });
});
