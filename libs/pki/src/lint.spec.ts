import { generateKeyPairSync } from 'node:crypto';
import { contentOf, testAuthority } from '../test/fixtures';
import type { PublicKeyInfrastructure } from './authority';
import { type CertificateContent, buildTbs } from './certificate';
import { type CertificateProfile, profiles } from './certificate-profiles';
import { DerTag, bitString, derTrue, element, explicit, implicit, integer, namedBits, octetString } from './der';
import { oid, sequence, setOf, time, utf8String } from './der';
import { DerReader } from './der-reader';
import type { Issuer } from './issuer';
import { LintFailed, assertLinted, certificateChecks, lintCertificate } from './lint';
import { parseCommonName } from './names';
import { Oid } from './oids';
import { spkiOf } from './signature-algorithm';

let pki: PublicKeyInfrastructure;
let issuer: Issuer;
let user: CertificateContent;
let server: CertificateContent;

beforeAll(async () => {
  pki = await testAuthority();
  issuer = pki.intermediate.issuer;
  user = await contentOf('user');
  server = await contentOf('server');
});

/** The elements of a TBSCertificate in order: version, serial, algorithm, issuer, validity, subject, key, extensions. */
function fieldsOf(tbs: Buffer): Buffer[] {
  const fields = DerReader.only(tbs, DerTag.sequence, 'tbs').enter();
  const result: Buffer[] = [];
  while (!fields.done) result.push(fields.any('a field').whole);
  return result;
}

const position = { version: 0, serial: 1, algorithm: 2, issuer: 3, validity: 4, subject: 5, spki: 6 } as const;

/** A good user certificate in which one field has been replaced. */
function withField(name: keyof typeof position, value: Buffer): Buffer {
  const fields = fieldsOf(buildTbs(issuer, user));
  fields[position[name]] = value;
  return sequence(...fields);
}

function extensionsOf(tbs: Buffer): Buffer[] {
  const extensions = fieldsOf(tbs)[7] ?? Buffer.alloc(0);
  const list = DerReader.only(extensions, 0xa3, 'extensions').enter().enter(DerTag.sequence, 'list');
  const result: Buffer[] = [];
  while (!list.done) result.push(list.any('an extension').whole);
  return result;
}

/** A good certificate in which the extension with this id has been replaced (or, with nothing, left out). */
function withExtension(id: string, replacement: readonly Buffer[], content: CertificateContent = user): Buffer {
  const tbs = buildTbs(issuer, content);
  const name = oid(id);
  const kept = extensionsOf(tbs).flatMap((extension) => (extension.includes(name) ? replacement : [extension]));
  return sequence(...fieldsOf(tbs).slice(0, 7), explicit(3, sequence(...kept)));
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  return critical ? sequence(oid(id), derTrue, octetString(value)) : sequence(oid(id), octetString(value));
}

const validity = (notBefore: Date, notAfter: Date): Buffer => sequence(time(notBefore), time(notAfter));

/** A certificate of the TBS, with a signature that is none: the lint looks at everything else. */
const certificateOf = (tbs: Buffer, algorithm = issuer.signatureAlgorithm.der): Buffer =>
  sequence(tbs, algorithm, bitString(Buffer.alloc(70, 1)));

const idsOf = (tbs: Buffer, profile: CertificateProfile = profiles.user, by: Issuer | undefined = issuer): string[] =>
  lintCertificate(certificateOf(tbs), profile, by).map(({ id }) => id);

const compressedP256 = (): Buffer => {
  const { x, y } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).publicKey.export({ format: 'jwk' });
  const point = Buffer.concat([
    Buffer.of(2 + ((Buffer.from(y ?? '', 'base64url')[31] ?? 0) & 1)),
    Buffer.from(x ?? '', 'base64url'),
  ]);
  return sequence(sequence(oid(Oid.ecPublicKey), oid(Oid.p256)), bitString(point));
};

/** For each check a certificate that breaks the rule and that the check finds. */
const broken: Readonly<Record<string, readonly (readonly [string, () => Buffer])[]>> = {
  'version-3': [['version 1', () => withField('version', explicit(0, integer(0)))]],
  'serial-number': [
    ['a negative one', () => withField('serial', element(DerTag.integer, Buffer.alloc(20, 0x80)))],
    ['a short one', () => withField('serial', integer(4711))],
    [
      'one of 21 bytes',
      () => withField('serial', element(DerTag.integer, Buffer.concat([Buffer.of(0), Buffer.alloc(20, 0x80)]))),
    ],
    ['zero', () => withField('serial', integer(0))],
  ],
  'signature-algorithm': [['that of another key', () => withField('algorithm', sequence(oid(Oid.ed25519)))]],
  'issuer-name-not-empty': [['an empty name', () => withField('issuer', sequence())]],
  'issuer-name': [['another name', () => withField('issuer', pki.root.issuer.subject)]],
  'time-encoding': [
    [
      'GeneralizedTime before 2050',
      () =>
        withField(
          'validity',
          sequence(
            element(DerTag.generalizedTime, Buffer.from(`${compact(user.validity.notBefore)}Z`)),
            time(user.validity.notAfter),
          ),
        ),
    ],
    [
      'no seconds',
      () =>
        withField(
          'validity',
          sequence(element(DerTag.utcTime, Buffer.from('2601010000Z')), time(user.validity.notAfter)),
        ),
    ],
  ],
  'validity-order': [
    ['the wrong order', () => withField('validity', validity(user.validity.notAfter, user.validity.notBefore))],
  ],
  'validity-within-issuer': [
    [
      'an end behind the issuer',
      () => withField('validity', validity(user.validity.notBefore, new Date('2049-01-01'))),
    ],
    [
      'a begin before the issuer',
      () => withField('validity', validity(new Date('2001-01-01'), user.validity.notAfter)),
    ],
  ],
  'subject-name': [
    ['an empty name', () => withField('subject', sequence())],
    ['a line break', () => withField('subject', sequence(setOf(sequence(oid(Oid.commonName), utf8String('a\nb')))))],
    [
      'a PrintableString',
      () =>
        withField(
          'subject',
          sequence(setOf(sequence(oid(Oid.commonName), element(DerTag.printableString, Buffer.from('a'))))),
        ),
    ],
    ['an organisation', () => withField('subject', sequence(setOf(sequence(oid('2.5.4.10'), utf8String('a')))))],
    [
      'broken UTF-8',
      () =>
        withField(
          'subject',
          sequence(setOf(sequence(oid(Oid.commonName), element(DerTag.utf8String, Buffer.of(0xff))))),
        ),
    ],
  ],
  'public-key': [
    ['P-521', () => withField('spki', spkiOf(generateKeyPairSync('ec', { namedCurve: 'secp521r1' }).publicKey))],
    ['RSA-2048', () => withField('spki', spkiOf(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey))],
    ['a compressed point', () => withField('spki', compressedP256())],
  ],
  'key-not-of-the-issuer': [["the issuer's key", () => withField('spki', issuer.certificate.tbs.spki)]],
  'extensions-unique': [
    [
      'one twice',
      () => withExtension(Oid.keyUsage, Array<Buffer>(2).fill(extension(Oid.keyUsage, true, namedBits([0])))),
    ],
  ],
  'extensions-of-the-profile': [
    ['a missing key usage', () => withExtension(Oid.keyUsage, [])],
    ['a missing authority key identifier', () => withExtension(Oid.authorityKeyIdentifier, [])],
    ['DNS names for a user', () => buildTbs(issuer, { ...user, dnsNames: server.dnsNames })],
    [
      'name constraints',
      () =>
        withExtension(Oid.keyUsage, [
          extension(Oid.keyUsage, true, namedBits([0])),
          extension('2.5.29.30', true, sequence()),
        ]),
    ],
  ],
  'basic-constraints': [
    ['a CA', () => withExtension(Oid.basicConstraints, [extension(Oid.basicConstraints, true, sequence(derTrue))])],
    [
      'one that is not critical',
      () => withExtension(Oid.basicConstraints, [extension(Oid.basicConstraints, false, sequence())]),
    ],
    [
      'an explicit FALSE',
      () => withExtension(Oid.basicConstraints, [extension(Oid.basicConstraints, true, sequence(Buffer.of(1, 1, 0)))]),
    ],
  ],
  'key-usage': [
    ['keyCertSign', () => withExtension(Oid.keyUsage, [extension(Oid.keyUsage, true, namedBits([0, 5]))])],
    ['one that is not critical', () => withExtension(Oid.keyUsage, [extension(Oid.keyUsage, false, namedBits([0]))])],
  ],
  'extended-key-usage': [
    [
      'a server for a user',
      () => buildTbs(issuer, { ...user, profile: { ...profiles.user, extendedKeyUsage: [Oid.serverAuth] } }),
    ],
    [
      'both purposes',
      () =>
        buildTbs(issuer, {
          ...user,
          profile: { ...profiles.user, extendedKeyUsage: [Oid.clientAuth, Oid.serverAuth] },
        }),
    ],
  ],
  'subject-key-identifier': [
    [
      'another',
      () =>
        withExtension(Oid.subjectKeyIdentifier, [
          extension(Oid.subjectKeyIdentifier, false, octetString(Buffer.alloc(20))),
        ]),
    ],
  ],
  'authority-key-identifier': [
    [
      'another',
      () =>
        withExtension(Oid.authorityKeyIdentifier, [
          extension(Oid.authorityKeyIdentifier, false, sequence(implicit(0, Buffer.alloc(20)))),
        ]),
    ],
  ],
};

/** Checks whose certificates need another profile or issuer than those of {@link broken}. */
const brokenElsewhere = [
  'signature-algorithms-agree',
  'common-name-among-the-dns-names',
  'subject-alternative-name',
  'issuer-path-length',
];

const compact = (date: Date): string => date.toISOString().replace(/[-:T]/g, '').slice(0, 14);

describe('the certificate lint', () => {
  it.each(['user', 'computer', 'server'] as const)('finds nothing in a good %s certificate', async (kind) => {
    expect(idsOf(buildTbs(issuer, await contentOf(kind)), profiles[kind])).toEqual([]);
  });

  it.each(Object.entries(broken).flatMap(([id, cases]) => cases.map(([what, build]) => [id, what, build] as const)))(
    '%s finds %s',
    (id, _what, build) => {
      expect(idsOf(build())).toContain(id);
    },
  );

  it.each([
    ['no name', sequence()],
    ['a capital letter', sequence(implicit(2, Buffer.from('VPN.example')))],
    ['an address', sequence(implicit(7, Buffer.of(192, 0, 2, 1)))],
  ])('subject-alternative-name finds %s', (_what, value) => {
    const content = { ...server, commonName: parseCommonName('Our server') };
    const tbs = withExtension(Oid.subjectAltName, [extension(Oid.subjectAltName, false, value)], content);
    expect(idsOf(tbs, profiles.server)).toEqual(['subject-alternative-name']);
  });

  it('signature-algorithms-agree finds another algorithm beside the signature', () => {
    const certificate = certificateOf(buildTbs(issuer, user), sequence(oid(Oid.ed25519)));
    expect(lintCertificate(certificate, profiles.user, issuer).map(({ id }) => id)).toEqual([
      'signature-algorithms-agree',
    ]);
  });

  it('common-name-among-the-dns-names finds a server that clients would look for under another name', () => {
    const tbs = buildTbs(issuer, { ...server, commonName: parseCommonName('other.example.org') });
    expect(idsOf(tbs, profiles.server)).toEqual(['common-name-among-the-dns-names']);
    const named = buildTbs(issuer, { ...server, commonName: parseCommonName('Our server') });
    expect(idsOf(named, profiles.server)).toEqual([]);
  });

  it('issuer-path-length finds a CA below an intermediate', () => {
    const profile = profiles['intermediate-ca'];
    expect(idsOf(buildTbs(issuer, { ...user, profile }), profile)).toEqual(['issuer-path-length']);
    expect(idsOf(buildTbs(pki.root.issuer, { ...user, profile }), profile, pki.root.issuer)).toEqual([]);
  });

  it('has a broken certificate for each of its checks', () => {
    expect([...Object.keys(broken), ...brokenElsewhere].sort()).toEqual(certificateChecks.map(({ id }) => id).sort());
  });

  it('finds bytes that are no certificate', () => {
    expect(idsOf(buildTbs(issuer, user).subarray(0, 100))).toEqual(['well-formed']);
  });

  it('names every finding when it refuses', () => {
    expect(() => {
      assertLinted(certificateOf(withField('serial', integer(1))), profiles.user, issuer);
    }).toThrow(LintFailed);
    expect(() => {
      assertLinted(certificateOf(withField('serial', integer(1))), profiles.user, issuer);
    }).toThrow(/serial-number \(/);
  });

  it('sees the very bytes that are signed: building again gives the same', () => {
    expect(buildTbs(issuer, user)).toEqual(buildTbs(issuer, user));
  });
});
