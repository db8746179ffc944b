import { X509Certificate, X509Crl } from '@peculiar/x509';
import fc from 'fast-check';
import { testAuthority } from '../test/fixtures';
import { type PublicKeyInfrastructure, createRootCrl } from './authority';
import { type CrlContent, type RevokedCertificate, buildCrl, buildCrlTbs } from './crl';
import { type CrlLintSubject, crlChecks, lintCrl } from './crl-lint';
import { crlEntries, crlNumberOf, crlSerialNumbers, parseCrl, verifyCrl } from './crl-reader';
import { DerTag, derTrue, explicit, integer, octetString, oid, sequence } from './der';
import { DerReader } from './der-reader';
import type { Issuer } from './issuer';
import { Oid } from './oids';
import { newSerialNumber } from './serial-number';
import { signTbs } from './certificate';
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

const revokedLists = fc.array(
  fc.record({
    serialNumber: fc
      .uint8Array({ minLength: 1, maxLength: 20 })
      .filter((bytes) => bytes[0] !== 0)
      .map((bytes) => Buffer.from(bytes).toString('hex').toUpperCase()),
    revokedAt: fc
      .date({ min: new Date('2020-01-01'), max: new Date('2060-01-01'), noInvalidDate: true })
      .map((date) => new Date(Math.floor(date.getTime() / 1000) * 1000)),
    reason: fc.constantFrom(0, 1, 3, 4, 5, 9),
  }),
  { maxLength: 30 },
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

  it.each(['', 'F', 'XY', '11'.repeat(21)])('refuse the serial number %j', (serialNumber) => {
    const revoked = [{ serialNumber, revokedAt: now, reason: 0 }];
    expect(() => buildCrlTbs(issuer, content({ revoked }))).toThrow(RangeError);
  });

  it('with 100,000 entries are built, signed, read back and linted in well under two seconds', async () => {
    const revoked = Array.from({ length: 100_000 }, () => ({
      serialNumber: newSerialNumber(),
      revokedAt: now,
      reason: 1,
    }));
    const started = performance.now();
    const der = await buildCrl(issuer, content({ revoked }), sign);
    const built = performance.now() - started;
    const expectedSerialNumbers = new Set<string>(revoked.map(({ serialNumber }) => serialNumber));
    expect(findings(der, { expectedSerialNumbers })).toEqual([]);
    expect(built).toBeLessThan(600);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it('of the root number onwards and are later by a second at least', async () => {
    const first = parseCrl(pki.rootCrl);
    const second = parseCrl(await createRootCrl(pki.root, { now: new Date(), validityDays: 30, previous: first }));
    expect(crlNumberOf(second)).toBe(2n);
    expect(second.thisUpdate.getTime() - first.thisUpdate.getTime()).toBeGreaterThanOrEqual(1000);
  });
});

function findings(der: Buffer, changes: Partial<CrlLintSubject> = {}): string[] {
  const expectedSerialNumbers = new Set(crlSerialNumbers(parseCrl(der)));
  const subject = { issuer, previous: undefined, now, expectedSerialNumbers, hasExpired: () => false, ...changes };
  return lintCrl(der, subject).map(({ id }) => id);
}

/** A CRL whose TBS has been rewritten, signed again. */
function rewritten(change: (fields: Buffer[]) => Buffer[], base: CrlContent = content()): Promise<Buffer> {
  const list = new DerReader(DerReader.only(buildCrlTbs(issuer, base), DerTag.sequence, 'tbs').content);
  const fields: Buffer[] = [];
  while (!list.done) fields.push(list.any('a field').whole);
  return signTbs(sequence(...change(fields)), issuer.signatureAlgorithm, sign);
}

function withExtension(id: string, critical: boolean, value: Buffer): Promise<Buffer> {
  const added = critical ? sequence(oid(id), derTrue, octetString(value)) : sequence(oid(id), octetString(value));
  return rewritten((fields) => {
    const last = fields[fields.length - 1] ?? Buffer.alloc(0);
    const present = new DerReader(DerReader.only(last, 0xa0, 'extensions').content).next(
      DerTag.sequence,
      'list',
    ).content;
    return [...fields.slice(0, -1), explicit(0, sequence(present, added))];
  });
}

const built = (changes: Partial<CrlContent>): Promise<Buffer> => buildCrl(issuer, content(changes), sign);
const parsed = async (changes: Partial<CrlContent>) => parseCrl(await built(changes));

/** For each check a CRL that breaks the rule. */
const broken: Readonly<Record<string, readonly (readonly [string, () => Promise<string[]>])[]>> = {
  'crl-version-2': [['version 1', async () => findings(await rewritten((fields) => fields.slice(1)))]],
  'crl-issuer': [['the CRL of another CA', async () => findings(await built({}), { issuer: pki.root.issuer })]],
  'crl-authority-key-identifier': [['another key', () => Promise.resolve(findings(pki.rootCrl))]],
  'crl-number': [
    [
      'the same number',
      async () => findings(await built({}), { previous: await parsed({ thisUpdate: minutesAgo(9) }) }),
    ],
    [
      'a smaller number',
      async () => findings(await built({}), { previous: await parsed({ number: 8n, thisUpdate: minutesAgo(9) }) }),
    ],
  ],
  'crl-this-update': [
    ['the future', async () => findings(await built({ thisUpdate: minutesAgo(-5) }))],
    ['the same second', async () => findings(await built({}), { previous: await parsed({ number: 6n }) })],
    [
      'an earlier time',
      async () => findings(await built({}), { previous: await parsed({ number: 6n, thisUpdate: minutesAgo(4) }) }),
    ],
  ],
  'crl-next-update': [
    ['the past', async () => findings(await built({ nextUpdate: minutesAgo(1) }))],
    ['none', async () => findings(await rewritten((fields) => fields.filter((_, index) => index !== 4)))],
  ],
  'crl-extensions': [
    ['a delta', async () => findings(await withExtension(Oid.deltaCrlIndicator, true, integer(1)))],
    ['a distribution point', async () => findings(await withExtension(Oid.issuingDistributionPoint, true, sequence()))],
    ['another critical one', async () => findings(await withExtension('1.2.3', true, sequence()))],
    ['another one', async () => findings(await withExtension('1.2.3', false, sequence()))],
  ],
  'crl-empty-list': [
    [
      'an empty list',
      async () =>
        findings(
          await rewritten(
            (fields) => [...fields.slice(0, 5), sequence(), ...fields.slice(5)],
            content({ revoked: [] }),
          ),
        ),
    ],
  ],
  'crl-complete': [
    [
      'a missing certificate',
      async () => findings(await built({}), { expectedSerialNumbers: new Set([newSerialNumber()]) }),
    ],
    ['one too few', async () => findings(await built({ revoked: [] }), { expectedSerialNumbers: new Set(['01']) })],
  ],
  'crl-leave-by-expiry': [
    [
      'one that left early',
      async () => findings(await built({}), { previous: await parsed({ number: 6n, thisUpdate: minutesAgo(9) }) }),
    ],
  ],
  'crl-signature': [
    [
      'a changed byte',
      async () => {
        const der = await built({});
        der[der.length - 1] = (der[der.length - 1] ?? 0) ^ 1;
        return findings(der);
      },
    ],
  ],
};

describe('the CRL lint', () => {
  it('finds nothing in a good CRL, nor where an entry left because it expired', async () => {
    const previous = await parsed({ number: 6n, thisUpdate: minutesAgo(9) });
    expect(findings(await built({}))).toEqual([]);
    expect(findings(await built({}), { previous, hasExpired: () => true })).toEqual([]);
  });

  it.each(Object.entries(broken).flatMap(([id, cases]) => cases.map(([what, find]) => [id, what, find] as const)))(
    '%s finds %s',
    async (id, _what, find) => {
      expect(await find()).toContain(id);
    },
  );

  it('has a broken CRL for each of its checks', () => {
    expect(Object.keys(broken).sort()).toEqual(crlChecks.map(({ id }) => id).sort());
  });

  it.each([0, 1, 100])('finds bytes that are no CRL (%d of them)', async (length) => {
    const der = (await built({})).subarray(0, length);
    expect(
      lintCrl(der, { issuer, previous: undefined, now, expectedSerialNumbers: new Set(), hasExpired: () => false }),
    ).toEqual([expect.objectContaining({ id: 'crl-well-formed' })]);
  });
});
