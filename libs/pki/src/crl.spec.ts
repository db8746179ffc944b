import { X509Certificate, X509Crl } from '@peculiar/x509';
import fc from 'fast-check';
import { testAuthority } from '../test/fixtures';
import { type PublicKeyInfrastructure, createRootCrl } from './authority';
import { type CrlContent, buildCrl, buildCrlTbs } from './crl';
import { lintCrl } from './crl-lint';
import { crlEntries, crlNumberOf, crlSerialNumbers, parseCrl, verifyCrl } from './crl-reader';
import { RevocationTable, type RevokedCertificate } from './crl-revocations';
import type { Issuer } from './issuer';
import { newSerialNumber } from './serial-number';
import { signWithKey } from './signature-algorithm';
import { dayMs } from './validity';

const now = new Date(Math.floor(Date.now() / 1000) * 1000);
const minutesAgo = (minutes: number): Date => new Date(now.getTime() - minutes * 60_000);

let pki: PublicKeyInfrastructure;
let issuer: Issuer;

beforeAll(async () => {
  pki = await testAuthority();
  issuer = pki.intermediate.issuer;
});

const sign = (data: Buffer): Buffer => signWithKey(pki.intermediate.privateKey, data);

function content(changes: Partial<CrlContent> = {}): CrlContent {
  return {
    number: 7n,
    thisUpdate: minutesAgo(5),
    nextUpdate: new Date(now.getTime() + 7 * dayMs),
    revoked: [{ serialNumber: newSerialNumber(), revokedAt: minutesAgo(60), reason: 1 }],
    ...changes,
  };
}

/** The library's types want bytes that do not share their memory. */
const bytesOf = (der: Buffer): Uint8Array<ArrayBuffer> => Uint8Array.from(der);

/** No certificate twice, by whichever spelling of its serial number. */
const revokedLists = fc.uniqueArray(
  fc.record({
    serialNumber: fc
      .uint8Array({ minLength: 1, maxLength: 20 })
      .filter((bytes) => bytes[0] !== 0)
      .map((bytes) => Buffer.from(bytes).toString('hex').toUpperCase()),
    revokedAt: fc
      .date({ min: new Date('1970-01-01'), max: new Date('2106-01-01'), noInvalidDate: true })
      .map((date) => new Date(Math.floor(date.getTime() / 1000) * 1000)),
    reason: fc.constantFrom(0, 1, 3, 4, 5, 9),
  }),
  { maxLength: 30, selector: ({ serialNumber }) => serialNumber },
);

describe('CRLs', () => {
  it('are read back by our reader as they were written', async () => {
    await fc.assert(
      fc.asyncProperty(revokedLists, fc.bigInt({ min: 1n, max: 2n ** 64n }), async (revoked, number) => {
        const crl = parseCrl(await buildCrl(issuer, content({ revoked, number }), sign));
        expect([...crlEntries(crl)]).toEqual(revoked);
        expect([...crlSerialNumbers(crl)]).toEqual(revoked.map(({ serialNumber }) => serialNumber));
        expect(crlNumberOf(crl)).toBe(number);
        expect(crl.thisUpdate).toEqual(minutesAgo(5));
        expect(verifyCrl(crl, issuer)).toBe(true);
      }),
    );
  });

  it('are read by @peculiar/x509 as they were written', async () => {
    await fc.assert(
      fc.asyncProperty(revokedLists, async (revoked) => {
        const theirs = new X509Crl(bytesOf(await buildCrl(issuer, content({ revoked }), sign)));
        expect(await theirs.verify({ publicKey: new X509Certificate(bytesOf(issuer.der)).publicKey })).toBe(true);
        expect(theirs.issuer).toBe('CN=Test Intermediate CA');
        const read = theirs.entries.map((entry): RevokedCertificate => ({
          serialNumber: entry.serialNumber.toUpperCase().replace(/^00(?=[89A-F])/, ''),
          revokedAt: entry.revocationDate,
          reason: entry.reason ?? 0,
        }));
        expect(read).toEqual(revoked);
      }),
      { numRuns: 30 },
    );
  });

  it('leave the list out when nothing is revoked', async () => {
    const crl = parseCrl(await buildCrl(issuer, content({ revoked: [] }), sign));
    expect(crl.revoked).toBeUndefined();
    expect([...crlEntries(crl)]).toEqual([]);
  });

  it.each(['', 'F', 'XY', '11'.repeat(21)])('refuse the serial number %j', async (serialNumber) => {
    const revoked = [{ serialNumber, revokedAt: now, reason: 0 }];
    await expect(buildCrlTbs(issuer, content({ revoked }))).rejects.toThrow(RangeError);
  });

  it('leave out what had expired', async () => {
    const revoked = [1, 2].map((days) => ({
      ...{ serialNumber: newSerialNumber(), revokedAt: now, reason: 1 },
      notAfter: new Date(now.getTime() + days * dayMs),
    }));
    const listedFrom = new Date(now.getTime() + 1.5 * dayMs);
    const crl = parseCrl(await buildCrl(issuer, content({ revoked, listedFrom }), sign));
    expect([...crlSerialNumbers(crl)]).toEqual([revoked[1]?.serialNumber]);
  });

  it('with 100,000 entries are built, read back and linted without a finding', async () => {
    const revoked = RevocationTable.of(
      Array.from({ length: 100_000 }, (_, n) => ({
        ...{ serialNumber: newSerialNumber(), reason: 1 },
        revokedAt: new Date(now.getTime() - n * 61_000),
      })),
    );
    const der = await buildCrl(issuer, content({ revoked }), sign);
    const subject = { issuer, previous: undefined, now, revoked };
    expect(await lintCrl(der, subject)).toEqual([]);
    expect([...crlSerialNumbers(parseCrl(der))]).toHaveLength(100_000);
  });

  it('of the root number onwards and are later by a second at least', async () => {
    const first = parseCrl(pki.rootCrl);
    const second = parseCrl(await createRootCrl(pki.root, { now: new Date(), validityDays: 30, previous: first }));
    expect(crlNumberOf(second)).toBe(2n);
    expect(second.thisUpdate.getTime() - first.thisUpdate.getTime()).toBeGreaterThanOrEqual(1000);
  });
});
