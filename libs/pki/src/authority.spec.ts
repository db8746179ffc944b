import { type CertificateAuthority, createIntermediate, createRoot, createRootCrl } from './authority';
import { crlEntries, crlNumberOf, parseCrl } from './crl-reader';
import { caKeyAlgorithms } from './key-pair';

const now = new Date('2026-11-24T12:00:00Z');
let root: CertificateAuthority;
beforeAll(async () => {
  root = await createRoot({ commonName: 'Test Root', algorithm: 'P-384', now });
});

describe('a root', () => {
  it.each(caKeyAlgorithms)('issues an intermediate with a %s key', async (algorithm) => {
    const { issuer } = await createIntermediate(root, { commonName: 'Test CA', algorithm, now });
    expect(root.issuer.issued(issuer.certificate)).toBe(true);
    expect([root.issuer.pathLength, issuer.pathLength]).toEqual([1, 0]);
  });

  it('keeps on its CRL what the last one named, with its first date and reason, and adds to it', async () => {
    const first = { serialNumber: '0A', revokedAt: new Date('2026-01-01T00:00:00Z'), reason: 4 };
    const again = { ...first, revokedAt: now, reason: 1 };
    const second = { serialNumber: 'FF01', revokedAt: now, reason: 0 };
    const options = { now, validityDays: 30 };
    const previous = parseCrl(await createRootCrl(root, { ...options, revoke: [first] }));
    const crl = parseCrl(await createRootCrl(root, { ...options, previous, revoke: [again, second] }));
    expect([crlNumberOf(previous), crlNumberOf(crl)]).toEqual([1n, 2n]);
    expect([...crlEntries(crl)]).toEqual([first, second]);
    expect([...crlEntries(parseCrl(await createRootCrl(root, { ...options, previous: crl })))]).toEqual([
      first,
      second,
    ]);
  });
});
