import fc from 'fast-check';
import { codeChallenge, newLoginTransaction, TransactionSeal } from './login-transaction';

const NOW = new Date('2026-01-01T00:00:00Z');
const seal = new TransactionSeal(['a'.repeat(32)]);

describe('sealed login transaction', () => {
  it('opens as what was sealed', () => {
    const transaction = newLoginTransaction(NOW, { next: '/portal' });
    expect(seal.open(seal.seal(transaction), transaction.state)).toEqual(transaction);
  });

  it('tells nothing to the browser that carries it', () => {
    const transaction = newLoginTransaction(NOW, { next: '/portal' });
    const bytes = Buffer.from(seal.seal(transaction), 'base64url').toString('latin1');
    for (const secret of [transaction.state, transaction.nonce, transaction.codeVerifier, '/portal']) {
      expect(bytes).not.toContain(secret);
    }
  });

  it('opens for no other state, even under its handle', () => {
    const [one, other] = [newLoginTransaction(NOW, {}), newLoginTransaction(NOW, {})];
    expect(seal.open(seal.seal(one), other.state)).toBeUndefined();
  });

  it('opens after the secret was rotated, as long as the old one is kept', () => {
    const transaction = newLoginTransaction(NOW, {});
    const sealed = seal.seal(transaction);
    const rotated: [string, ...string[]] = ['b'.repeat(32), 'a'.repeat(32)];
    expect(new TransactionSeal(rotated).open(sealed, transaction.state)).toEqual(transaction);
    expect(new TransactionSeal(['b'.repeat(32)]).open(sealed, transaction.state)).toBeUndefined();
  });

  it('does not open once any byte was changed, nor for arbitrary text', () => {
    const transaction = newLoginTransaction(NOW, {});
    const sealed = Buffer.from(seal.seal(transaction), 'base64url');
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), fc.integer({ min: 1, max: 255 }), fc.string(), (at, flip, junk) => {
        const changed = Buffer.from(sealed);
        changed[at] = (changed[at] ?? 0) ^ flip;
        expect(seal.open(changed.toString('base64url'), transaction.state)).toBeUndefined();
        expect(seal.open(junk, transaction.state)).toBeUndefined();
      }),
    );
  });

  it('derives the challenge of RFC 7636 appendix B', () => {
    expect(codeChallenge('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk')).toBe(
      'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    );
  });
});
