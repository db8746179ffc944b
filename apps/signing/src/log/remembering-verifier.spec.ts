import { type NoteVerifier, generateNoteKey } from '@libs/tlog';
import { RememberingVerifier } from './remembering-verifier';

const signer = generateNoteKey('log.test/ct');

function counting(): { readonly verifier: RememberingVerifier; readonly calls: () => number } {
  let calls = 0;
  const counted: NoteVerifier = {
    name: signer.name,
    keyId: signer.keyId,
    verify: (text, signature) => {
      calls += 1;
      return signer.verifier.verify(text, signature);
    },
  };
  return { verifier: new RememberingVerifier(counted), calls: () => calls };
}

describe('the remembering verifier', () => {
  const text = Buffer.from('log.test/ct\n1\nroot\n');
  const signature = signer.sign(text);

  it('verifies the same signed text once', () => {
    const { verifier, calls } = counting();
    expect([verifier.verify(text, signature), verifier.verify(text, signature)]).toEqual([true, true]);
    expect(calls()).toBe(1);
  });

  it('believes neither another text under a remembered signature nor another signature', () => {
    const { verifier } = counting();
    verifier.verify(text, signature);
    expect(verifier.verify(Buffer.from('log.test/ct\n2\nroot\n'), signature)).toBe(false);
    expect(verifier.verify(text, Buffer.alloc(64, 1))).toBe(false);
  });

  it('never remembers a bad signature as a good one', () => {
    const { verifier, calls } = counting();
    const bad = Buffer.alloc(64, 1);
    expect([verifier.verify(text, bad), verifier.verify(text, bad)]).toEqual([false, false]);
    expect(calls()).toBe(2);
  });

  it('forgets the oldest, so that it does not grow', () => {
    const { verifier, calls } = counting();
    verifier.verify(text, signature);
    for (let n = 0; n < 100; n += 1) {
      const other = Buffer.from(`log.test/ct\n${String(n)}\nother\n`);
      verifier.verify(other, signer.sign(other));
    }
    expect(verifier.verify(text, signature)).toBe(true);
    expect(calls()).toBe(102);
  });
});
