import { X509Certificate as NodeCertificate } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
} from '@peculiar/x509';
import fc from 'fast-check';
import { contentOf, issue, now, testAuthority } from '../test/fixtures';
import type { PublicKeyInfrastructure } from './authority';
import { profiles } from './certificate-profiles';
import { extensionOf, parseCertificate } from './certificate-reader';
import { MalformedDer, timeValue } from './der-reader';
import { Issuer, NotAnIssuer } from './issuer';
import { type KeyAlgorithm, keyAlgorithms } from './key-pair';
import { onlyCommonName, parseCommonName, parseDnsName } from './names';
import { Oid } from './oids';
import { newSerialNumber } from './serial-number';
import { IssuerNotValid, backdatingMs, dayMs, validityWithin } from './validity';

let pki: PublicKeyInfrastructure;

beforeAll(async () => {
  pki = await testAuthority();
});

const theirs = (der: Buffer): X509Certificate => new X509Certificate(Uint8Array.from(der));
const hex = (bytes: Buffer): string => bytes.toString('hex');

const commonNames = fc
  .string({ unit: fc.constantFrom(...Array.from('abz AZ09.-_@äß€李😀')), minLength: 1, maxLength: 64 })
  .filter((text) => text.trim() === text && Array.from(text).length <= 64);
const labels = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?$/);
const dnsNames = fc
  .array(labels, { minLength: 1, maxLength: 3 })
  .map((parts) => parseDnsName([...parts, 'org'].join('.')));

describe('certificates', () => {
  it('are read by our reader and by @peculiar/x509 as they were written', async () => {
    const base = await contentOf('server');
    await fc.assert(
      fc.asyncProperty(commonNames, fc.array(dnsNames, { minLength: 1, maxLength: 4 }), async (name, dns) => {
        const content = { ...base, commonName: parseCommonName(name), dnsNames: dns, serialNumber: newSerialNumber() };
        const der = await issue(pki.intermediate, content);
        const { tbs } = parseCertificate(der);
        const their = theirs(der);
        expect(onlyCommonName(tbs.subject)).toBe(name);
        expect(their.subjectName.getField('CN')).toEqual([name]);
        expect(their.serialNumber.toUpperCase()).toBe(content.serialNumber);
        expect(hex(tbs.serialNumber).toUpperCase()).toBe(content.serialNumber);
        expect(their.notBefore).toEqual(content.validity.notBefore);
        expect(their.notAfter).toEqual(content.validity.notAfter);
        expect(timeValue(tbs.notAfter, 'notAfter')).toEqual(content.validity.notAfter);
        expect(Buffer.from(their.publicKey.rawData)).toEqual(content.spki);
        const names = their.getExtension(SubjectAlternativeNameExtension)?.names.items ?? [];
        expect(names.map(({ type, value }) => [type, value])).toEqual(dns.map((value) => ['dns', value]));
      }),
      { numRuns: 60 },
    );
  });

  it.each(['user', 'computer', 'server'] as const)(
    'of the kind %s have the extensions of their profile',
    async (kind) => {
      const content = await contentOf(kind);
      const their = theirs(await issue(pki.intermediate, content));
      expect(their.getExtension(BasicConstraintsExtension)).toMatchObject({ critical: true, ca: false });
      expect(their.getExtension(KeyUsagesExtension)).toMatchObject({ critical: true, usages: 1 });
      expect(their.getExtension(ExtendedKeyUsageExtension)?.usages).toEqual([
        kind === 'server' ? Oid.serverAuth : Oid.clientAuth,
      ]);
      expect(their.getExtension(AuthorityKeyIdentifierExtension)?.keyId).toBe(
        hex(pki.intermediate.issuer.keyIdentifier),
      );
      expect(their.getExtension(SubjectKeyIdentifierExtension)?.keyId).toHaveLength(40);
    },
  );

  it.each(keyAlgorithms)('of a %s authority verify up to the root', async (algorithm: KeyAlgorithm) => {
    const authority = await testAuthority(algorithm);
    const leaf = parseCertificate(await issue(authority.intermediate, await contentOf('user')));
    const { root, intermediate } = authority;
    expect(intermediate.issuer.issued(leaf)).toBe(true);
    expect(root.issuer.issued(intermediate.issuer.certificate)).toBe(true);
    expect(root.issuer.issued(root.issuer.certificate)).toBe(true);
    expect(root.issuer.issued(leaf)).toBe(false);
    expect(new NodeCertificate(leaf.der).verify(intermediate.issuer.publicKey)).toBe(true);
  });

  it('give the root a path length of one, the intermediate of zero', () => {
    expect(pki.root.issuer.pathLength).toBe(1);
    expect(pki.intermediate.issuer.pathLength).toBe(0);
    expect(extensionOf(pki.root.issuer.certificate.tbs.extensions, Oid.authorityKeyIdentifier)).toBeUndefined();
  });

  it('that are damaged are MalformedDer or fail verification', async () => {
    const der = await issue(pki.intermediate, await contentOf('user'));
    fc.assert(
      fc.property(fc.nat(der.length - 1), fc.integer({ min: 1, max: 255 }), (position, flip) => {
        const damaged = Buffer.from(der);
        damaged[position] = (damaged[position] ?? 0) ^ flip;
        try {
          expect(pki.intermediate.issuer.issued(parseCertificate(damaged))).toBe(false);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedDer);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('of end entities are no issuers', async () => {
    const der = await issue(pki.intermediate, await contentOf('user'));
    expect(() => Issuer.fromCertificate(der)).toThrow(NotAnIssuer);
  });
});

describe('validity', () => {
  const issuer = { notBefore: new Date('2030-01-01T00:00:00Z'), notAfter: new Date('2031-01-01T00:00:00Z') };

  it('is backdated by five minutes and reaches the days asked for, in whole seconds', () => {
    const { notBefore, notAfter } = validityWithin(undefined, now, 90);
    expect(Math.floor(now.getTime() / 1000) * 1000 - notBefore.getTime()).toBe(backdatingMs);
    expect(notAfter.getTime()).toBe(Math.floor((now.getTime() + 90 * dayMs) / 1000) * 1000);
  });

  it('never reaches outside that of the issuer', () => {
    const early = new Date('2030-01-01T00:01:00Z');
    expect(validityWithin(issuer, early, 398)).toEqual(issuer);
  });

  it('is refused outside that of the issuer', () => {
    expect(() => validityWithin(issuer, new Date('2029-12-31T23:59:59Z'), 1)).toThrow(IssuerNotValid);
    expect(() => validityWithin(issuer, new Date('2031-01-01T00:00:00Z'), 1)).toThrow(IssuerNotValid);
  });

  it.each([0, -1, 1.5, Number.NaN])('is never %d days', (days) => {
    expect(() => validityWithin(undefined, now, days)).toThrow(RangeError);
  });

  it('has the defaults that are documented', () => {
    expect([profiles.user, profiles.computer, profiles.server].map((p) => p.defaultValidityDays)).toEqual([
      90, 90, 398,
    ]);
  });
});
