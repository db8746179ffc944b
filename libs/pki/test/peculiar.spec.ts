import { webcrypto } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
  X509Crl,
  X509CrlGenerator,
  X509CrlReason,
} from '@peculiar/x509';
import fc from 'fast-check';
import {
  type CaKeyAlgorithm,
  type CertificateAuthority,
  buildCrl,
  buildTbs,
  certificateKinds,
  createIntermediate,
  createRoot,
  crlEntries,
  crlNumberOf,
  generateKeyPair,
  newSerialNumber,
  parseCertificate,
  parseCommonName,
  parseCrl,
  parseDnsName,
  profiles,
  signTbs,
  signWithKey,
  spkiOf,
  timeValue,
} from '../src';
import { Oid } from '../src/oids';

const CA_ALGORITHMS: readonly CaKeyAlgorithm[] = ['P-256', 'P-384', 'Ed25519', 'RSA-3072'];
const KEY_USAGE_DIGITAL_SIGNATURE = 1;

/** The library's types want bytes that do not share their memory. */
const bytesOf = (der: Buffer): Uint8Array<ArrayBuffer> => Uint8Array.from(der);
const hexOf = (bytes: ArrayBuffer): string => Buffer.from(bytes).toString('hex');

const seconds = fc
  .date({ min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true })
  .map((date) => new Date(Math.floor(date.getTime() / 1000) * 1000));
const validities = fc.tuple(seconds, seconds).map(([one, other]) => {
  const [notBefore, notAfter] = one < other ? [one, other] : [other, one];
  return { notBefore, notAfter };
});
const commonNames = fc
  .string({ unit: fc.constantFrom(...Array.from('abz AZ09.-_@äß€李😀+,="')), minLength: 1, maxLength: 64 })
  .filter((text) => text.trim() === text && Array.from(text).length <= 64);
const dnsNames = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?\.example\.org$/).map(parseDnsName);

describe.each(CA_ALGORITHMS)('with a %s authority, we and @peculiar/x509', (algorithm) => {
  let authority: CertificateAuthority;
  let rsaHolder: Buffer;
  let ecHolder: Buffer;

  beforeAll(async () => {
    const now = new Date();
    const root = await createRoot({ commonName: 'Root CA', algorithm, now });
    authority = await createIntermediate(root, { commonName: 'Issuing CA', algorithm, now });
    [rsaHolder, ecHolder] = await Promise.all([holder('RSA-3072'), holder('P-256')]);
  });

  const holder = async (key: 'RSA-3072' | 'P-256') => spkiOf((await generateKeyPair(key)).publicKey);
  const sign = (data: Buffer): Buffer => signWithKey(authority.privateKey, data);
  const issuersOwn = () => new X509Certificate(bytesOf(authority.issuer.der));

  it('read the same in a certificate of ours', async () => {
    const contents = fc.record({
      kind: fc.constantFrom(...certificateKinds),
      commonName: commonNames.map(parseCommonName),
      names: fc.array(dnsNames, { minLength: 1, maxLength: 4 }),
      spki: fc.constantFrom('rsa', 'ec'),
      validity: validities,
    });
    await fc.assert(
      fc.asyncProperty(contents, async ({ kind, commonName, names, spki, validity }) => {
        const [profile, serialNumber] = [profiles[kind], newSerialNumber()];
        const content = { profile, commonName, serialNumber, validity, spki: spki === 'rsa' ? rsaHolder : ecHolder };
        const tbs = buildTbs(authority.issuer, { ...content, dnsNames: profile.dnsNames ? names : [] });
        const der = await signTbs(tbs, authority.issuer.signatureAlgorithm, sign);
        const theirs = new X509Certificate(bytesOf(der));
        expect({
          serialNumber: theirs.serialNumber.toUpperCase(),
          issuer: theirs.issuer,
          commonName: theirs.subjectName.getField('CN'),
          validity: { notBefore: theirs.notBefore, notAfter: theirs.notAfter },
          spki: hexOf(theirs.publicKey.rawData),
          critical: theirs.extensions.filter(({ critical }) => critical).map(({ type }) => type),
          ca: theirs.getExtension(BasicConstraintsExtension)?.ca,
          usages: theirs.getExtension(KeyUsagesExtension)?.usages,
          purposes: theirs.getExtension(ExtendedKeyUsageExtension)?.usages,
          names: theirs
            .getExtension(SubjectAlternativeNameExtension)
            ?.names.items.map(({ type, value }) => `${type} ${value}`),
          authority: theirs.getExtension(AuthorityKeyIdentifierExtension)?.keyId,
          subject: theirs.getExtension(SubjectKeyIdentifierExtension)?.keyId.length,
          verifies: await theirs.verify({ publicKey: issuersOwn().publicKey, signatureOnly: true }),
        }).toEqual({
          serialNumber,
          issuer: 'CN=Issuing CA',
          commonName: [commonName],
          validity,
          spki: content.spki.toString('hex'),
          critical: [Oid.basicConstraints, Oid.keyUsage],
          ca: false,
          usages: KEY_USAGE_DIGITAL_SIGNATURE,
          purposes: profile.extendedKeyUsage,
          names: profile.dnsNames ? names.map((name) => `dns ${name}`) : undefined,
          authority: authority.issuer.keyIdentifier.toString('hex'),
          subject: 40,
          verifies: true,
        });
      }),
      { numRuns: 40 },
    );
  });

  it('read the same in a CRL of ours', async () => {
    const contents = fc.record({
      number: fc.bigInt({ min: 0n, max: 2n ** 100n }),
      times: validities,
      revoked: fc.uniqueArray(
        fc.record({
          serialNumber: fc
            .uint8Array({ minLength: 1, maxLength: 20 })
            .filter(([first]) => first !== 0)
            .map((bytes) => Buffer.from(bytes).toString('hex').toUpperCase()),
          revokedAt: seconds,
          reason: fc.constantFrom(0, 1, 3, 4, 5, 9),
        }),
        { maxLength: 20, selector: ({ serialNumber }) => serialNumber },
      ),
    });
    await fc.assert(
      fc.asyncProperty(contents, async ({ number, times: { notBefore, notAfter }, revoked }) => {
        const content = { number, thisUpdate: notBefore, nextUpdate: notAfter, revoked };
        const theirs = new X509Crl(bytesOf(await buildCrl(authority.issuer, content, sign)));
        expect({
          issuer: theirs.issuer,
          thisUpdate: theirs.thisUpdate,
          nextUpdate: theirs.nextUpdate,
          extensions: theirs.extensions.map(({ type, critical }) => [type, critical]),
          authority: theirs.getExtension(AuthorityKeyIdentifierExtension)?.keyId,
          entries: theirs.entries.map(({ serialNumber, revocationDate, reason, extensions }) => ({
            serialNumber: serialNumber.toUpperCase().replace(/^00(?=[89A-F])/, ''),
            revokedAt: revocationDate,
            reason: reason ?? 0,
            extensions: extensions.length,
          })),
          verifies: await theirs.verify({ publicKey: issuersOwn().publicKey }),
        }).toEqual({
          issuer: 'CN=Issuing CA',
          thisUpdate: notBefore,
          nextUpdate: notAfter,
          extensions: [
            [Oid.authorityKeyIdentifier, false],
            [Oid.crlNumber, false],
          ],
          authority: authority.issuer.keyIdentifier.toString('hex'),
          entries: revoked.map((entry) => ({ ...entry, extensions: entry.reason === 0 ? 0 : 1 })),
          verifies: true,
        });
      }),
      { numRuns: 40 },
    );
  });
});

const REASONS = [X509CrlReason.keyCompromise, X509CrlReason.superseded, X509CrlReason.privilegeWithdrawn] as const;

describe('of what @peculiar/x509 has made, we read', () => {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  let keys: webcrypto.CryptoKeyPair;
  beforeAll(async () => {
    keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  });
  const serials = fc
    .uint8Array({ minLength: 1, maxLength: 19 })
    .filter(([first = 0]) => first > 0 && first < 0x80)
    .map((bytes) => Buffer.from(bytes).toString('hex'));

  const plainNames = commonNames.filter((name) => !name.includes('"'));

  it('certificates', async () => {
    await fc.assert(
      fc.asyncProperty(
        plainNames,
        serials,
        validities,
        fc.nat(5),
        async (commonName, serialNumber, validity, pathLength) => {
          const theirs = await X509CertificateGenerator.createSelfSigned({
            ...{ name: [{ CN: [commonName] }], serialNumber, ...validity, keys },
            extensions: [new BasicConstraintsExtension(true, pathLength, true)],
            signingAlgorithm: algorithm,
          });
          const { tbs, der } = parseCertificate(Buffer.from(theirs.rawData));
          expect(tbs.subject.toString('hex')).toBe(hexOf(theirs.subjectName.toArrayBuffer()));
          expect(tbs.serialNumber.toString('hex')).toBe(serialNumber);
          expect(timeValue(tbs.notBefore, 'notBefore')).toEqual(validity.notBefore);
          expect(timeValue(tbs.notAfter, 'notAfter')).toEqual(validity.notAfter);
          expect(tbs.spki.toString('hex')).toBe(hexOf(theirs.publicKey.rawData));
          expect(tbs.extensions.map(({ id }) => id)).toEqual([Oid.basicConstraints]);
          expect(der.length).toBe(theirs.rawData.byteLength);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('CRLs', async () => {
    const lists = fc.uniqueArray(
      fc.record({ serialNumber: serials, revocationDate: seconds, reason: fc.constantFrom(...REASONS) }),
      { maxLength: 8, selector: ({ serialNumber }) => serialNumber },
    );
    await fc.assert(
      fc.asyncProperty(lists, validities, async (entries, { notBefore, notAfter }) => {
        const times = { thisUpdate: notBefore, nextUpdate: notAfter };
        const theirs = await X509CrlGenerator.create({
          ...{ issuer: 'CN=Theirs', ...times, entries },
          ...{ signingKey: keys.privateKey, signingAlgorithm: algorithm },
        });
        const crl = parseCrl(Buffer.from(theirs.rawData));
        expect({ thisUpdate: crl.thisUpdate, nextUpdate: crl.nextUpdate }).toEqual(times);
        expect(crlNumberOf(crl)).toBeUndefined();
        expect([...crlEntries(crl)]).toEqual(
          entries.map(({ serialNumber, revocationDate, reason }) => ({
            serialNumber: serialNumber.toUpperCase(),
            revokedAt: revocationDate,
            reason,
          })),
        );
      }),
      { numRuns: 40 },
    );
  });
});
