import { testAuthority } from '../test/fixtures';
import type { PublicKeyInfrastructure } from './authority';
import { signTbs } from './certificate';
import { type CrlContent, buildCrl, buildCrlTbs } from './crl';
import { type CrlLintSubject, crlChecks, lintCrl } from './crl-lint';
import { parseCrl } from './crl-reader';
import { RevocationTable, type RevokedCertificate } from './crl-revocations';
import { DerTag, derTrue, explicit, integer, octetString, oid, sequence } from './der';
import { DerReader } from './der-reader';
import type { Issuer } from './issuer';
import { Oid } from './oids';
import { newSerialNumber } from './serial-number';
import { signWithKey } from './signature-algorithm';
import { dayMs } from './validity';

const now = new Date(Math.floor(Date.now() / 1000) * 1000);
const minutesAgo = (minutes: number): Date => new Date(now.getTime() - minutes * 60_000);
const inDays = (days: number): Date => new Date(now.getTime() + days * dayMs);

let pki: PublicKeyInfrastructure;
let issuer: Issuer;

beforeAll(async () => {
  pki = await testAuthority();
  issuer = pki.intermediate.issuer;
});

const sign = (data: Buffer): Buffer => signWithKey(pki.intermediate.privateKey, data);

const revoked: RevokedCertificate = {
  serialNumber: newSerialNumber(),
  revokedAt: minutesAgo(60),
  reason: 1,
  notAfter: inDays(9),
};
const another: RevokedCertificate = {
  serialNumber: newSerialNumber(),
  revokedAt: minutesAgo(50),
  reason: 4,
  notAfter: inDays(9),
};

function content(changes: Partial<CrlContent> = {}): CrlContent {
  return { number: 7n, thisUpdate: minutesAgo(5), nextUpdate: inDays(7), revoked: [revoked], ...changes };
}

async function findings(der: Buffer, changes: Partial<CrlLintSubject> = {}): Promise<string[]> {
  const subject = { issuer, previous: undefined, now, revoked: RevocationTable.of([revoked]), ...changes };
  return (await lintCrl(der, subject)).map(({ id }) => id);
}

/** A CRL whose TBS has been rewritten, signed again. */
async function rewritten(change: (fields: Buffer[]) => Buffer[], base: CrlContent = content()): Promise<Buffer> {
  const list = DerReader.only(await buildCrlTbs(issuer, base), DerTag.sequence, 'tbs').enter();
  const fields: Buffer[] = [];
  while (!list.done) fields.push(list.any('a field').whole);
  return signTbs(sequence(...change(fields)), issuer.signatureAlgorithm, sign);
}

function withExtension(id: string, critical: boolean, value: Buffer): Promise<Buffer> {
  const added = critical ? sequence(oid(id), derTrue, octetString(value)) : sequence(oid(id), octetString(value));
  return rewritten((fields) => {
    const last = fields[fields.length - 1] ?? Buffer.alloc(0);
    const present = DerReader.only(last, 0xa0, 'extensions').enter().next(DerTag.sequence, 'list').content;
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
    ['a time that is not backdated', async () => findings(await built({ thisUpdate: minutesAgo(0.4) }))],
    ['the same second', async () => findings(await built({}), { previous: await parsed({ number: 6n }) })],
    [
      'an earlier time',
      async () => findings(await built({}), { previous: await parsed({ number: 6n, thisUpdate: minutesAgo(4) }) }),
    ],
  ],
  'crl-next-update': [
    ['the past', async () => findings(await built({ nextUpdate: minutesAgo(1) }))],
    ['none', async () => findings(await rewritten((fields) => fields.filter((_, index) => index !== 4)))],
    [
      'one that is nearer than two publishing periods',
      async () => findings(await built({ nextUpdate: inDays(1) }), { publishEveryMs: dayMs }),
    ],
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
  'crl-entries': [
    ['one that nobody revoked', async () => findings(await built({ revoked: [revoked, another] }))],
    ['another reason', async () => findings(await built({ revoked: [{ ...revoked, reason: 5 }] }))],
    ['another date', async () => findings(await built({ revoked: [{ ...revoked, revokedAt: minutesAgo(61) }] }))],
    [
      'the same certificate twice',
      async () =>
        findings(
          await rewritten((fields) =>
            fields.map((field, index) => {
              if (index !== 5) return field;
              const entry = DerReader.only(field, DerTag.sequence, 'list').content;
              return sequence(entry, entry);
            }),
          ),
        ),
    ],
  ],
  'crl-complete': [
    [
      'a missing certificate',
      async () => findings(await built({}), { revoked: RevocationTable.of([revoked, another]) }),
    ],
    ['none', async () => findings(await built({ revoked: [] }))],
    [
      'one that was left out though it had not expired by the last CRL',
      async () => findings(await built({ listedFrom: inDays(10) }), { listedFrom: inDays(8) }),
    ],
  ],
  'crl-leave-by-expiry': [
    [
      'one that left early',
      async () =>
        findings(await built({ revoked: [] }), { previous: await parsed({ number: 6n, thisUpdate: minutesAgo(9) }) }),
    ],
    [
      'one that has been forgotten',
      async () =>
        findings(await built({}), {
          previous: await parsed({ number: 6n, thisUpdate: minutesAgo(9), revoked: [revoked, another] }),
          listedFrom: inDays(30),
        }),
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
    const previous = await parsed({ number: 6n, thisUpdate: minutesAgo(9), revoked: [revoked, another] });
    expect(await findings(await built({}), { publishEveryMs: 3.5 * dayMs })).toEqual([]);
    const both = RevocationTable.of([revoked, { ...another, notAfter: inDays(8) }]);
    const changes = { previous, revoked: both, listedFrom: inDays(8.5) };
    expect(await findings(await built({ revoked: both, listedFrom: inDays(8.5) }), changes)).toEqual([]);
  });

  it('holds a CRL against what was known when it was made, not what has come since', async () => {
    const table = RevocationTable.of([revoked]);
    const snapshot = table.snapshot();
    table.add(another);
    expect(await findings(await built({ revoked: snapshot }), { revoked: snapshot })).toEqual([]);
    expect(await findings(await built({ revoked: snapshot }), { revoked: table })).toEqual(['crl-complete']);
    expect(await findings(await built({ revoked: table }), { revoked: snapshot })).toEqual(['crl-entries']);
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
    expect(await findings(der)).toEqual(['crl-well-formed']);
  });
});
