import { webcrypto } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import fc from 'fast-check';
import {
  type CertificateContent,
  type PublicKeyInfrastructure,
  buildTbs,
  certificateKinds,
  createCsr,
  generateKeyPair,
  isDnsName,
  keyAlgorithms,
  keyIdentifierOf,
  acceptCsr,
  newSerialNumber,
  parseCertificate,
  parseCommonName,
  parseDnsName,
  profiles,
  toPem,
} from '../src';
import { utf8String } from '../src/der';
import { Oid } from '../src/oids';
import { verifierOutput } from './external-tools';
import { contentOf, issue, testAuthority } from './fixtures';

let pki: PublicKeyInfrastructure;
let keys: readonly CertificateContent['spki'][];
let folder: string;

beforeAll(async () => {
  pki = await testAuthority();
  keys = await Promise.all(
    keyAlgorithms.map(async (algorithm) => {
      const csr = createCsr(await generateKeyPair(algorithm), 'ignored');
      return acceptCsr(toPem('CERTIFICATE REQUEST', csr)).spki;
    }),
  );
  folder = await mkdtemp(join(tmpdir(), 'properties-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const letters = Array.from('abz AZ09.-_@äß€李😀');
const commonNames = fc
  .array(fc.constantFrom(...letters), { minLength: 1, maxLength: 64 })
  .map((parts) => parts.join(''))
  .filter((text) => text.trim() === text && !isDnsName(text));
const dnsNames = fc
  .array(fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?$/), { minLength: 1, maxLength: 3 })
  .map((labels) => parseDnsName([...labels, 'org'].join('.')));
/** Whole seconds on both sides of the year in which the encoding of times changes. */
const moments = fc.integer({ min: 1_600_000_000, max: 4_000_000_000 }).map((seconds) => new Date(seconds * 1000));

/** Whatever the profiles and the rules for names allow. */
const contents = fc
  .record({
    kind: fc.constantFrom(...certificateKinds),
    name: commonNames,
    dns: fc.uniqueArray(dnsNames, { minLength: 1, maxLength: 4 }),
    key: fc.nat(keyAlgorithms.length - 1),
    times: fc.tuple(moments, moments),
  })
  .map(({ kind, name, dns, key, times }): CertificateContent => {
    const [notBefore, notAfter] = [...times].sort((one, other) => one.getTime() - other.getTime());
    return {
      profile: profiles[kind],
      commonName: parseCommonName(name),
      dnsNames: profiles[kind].dnsNames ? dns : [],
      spki: keys[key] ?? Buffer.alloc(0),
      serialNumber: newSerialNumber(),
      validity: { notBefore: notBefore ?? times[0], notAfter: notAfter ?? times[1] },
    };
  });

/** RFC 4514 §2.4: the library would choose the type of string by itself. */
const commonNameAsHex = (name: string): string => `CN=#${utf8String(name).toString('hex')}`;

/** The same certificate as @peculiar/x509 writes it, field by field. */
async function theirTbs(content: CertificateContent, signingKey: CryptoKey): Promise<Buffer> {
  const { issuer } = pki.intermediate;
  const extensions: Extension[] = [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([...content.profile.extendedKeyUsage]),
    new SubjectKeyIdentifierExtension(keyIdentifierOf(content.spki).toString('hex')),
    new AuthorityKeyIdentifierExtension(issuer.keyIdentifier.toString('hex')),
  ];
  if (content.dnsNames.length > 0) {
    extensions.push(
      new SubjectAlternativeNameExtension(content.dnsNames.map((value) => ({ type: 'dns' as const, value }))),
    );
  }
  const certificate = await X509CertificateGenerator.create({
    serialNumber: content.serialNumber,
    subject: commonNameAsHex(content.commonName),
    issuer: commonNameAsHex('Test Intermediate CA'),
    ...content.validity,
    publicKey: Uint8Array.from(content.spki),
    signingKey,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    extensions,
  });
  return parseCertificate(Buffer.from(certificate.rawData)).tbs.der;
}

describe('certificates of every kind, name, key and time', () => {
  it('are byte for byte what @peculiar/x509 writes', async () => {
    const pair = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']);
    await fc.assert(
      fc.asyncProperty(contents, async (content) => {
        const ours = buildTbs(pki.intermediate.issuer, content).toString('hex');
        expect(ours).toBe((await theirTbs(content, pair.privateKey)).toString('hex'));
      }),
      { numRuns: 100 },
    );
  });

  it('are read by OpenSSL as they were meant', async () => {
    const path = join(folder, 'leaf.crt');
    const options = '-noout -subject -serial -startdate -enddate -nameopt multiline,-esc_msb,utf8 -dateopt iso_8601';
    await fc.assert(
      fc.asyncProperty(contents, async (content) => {
        await writeFile(path, toPem('CERTIFICATE', await issue(pki.intermediate, content)));
        const shown = await verifierOutput('openssl', [
          'x509',
          '-in',
          path,
          ...options.split(' '),
          '-ext',
          'subjectAltName',
        ]);
        expect(shown).toContain(`    commonName                = ${content.commonName}\n`);
        expect(shown).toContain(`serial=${content.serialNumber}\n`);
        expect(shown).toContain(`notBefore=${opensslTime(content.validity.notBefore)}\n`);
        expect(shown).toContain(`notAfter=${opensslTime(content.validity.notAfter)}\n`);
        const names = content.dnsNames.map((name) => `DNS:${name}`).join(', ');
        if (names !== '') expect(shown).toContain(names);
      }),
      { numRuns: 30 },
    );
  });

  it('are the same again when they are built again', () => {
    fc.assert(
      fc.property(contents, (content) => {
        const { issuer } = pki.intermediate;
        expect(buildTbs(issuer, content)).toEqual(buildTbs(issuer, { ...content, profile: { ...content.profile } }));
      }),
    );
  });
});

const opensslTime = (date: Date): string => date.toISOString().replace('T', ' ').replace('.000', '');

describe('a request that asks for more than its key', () => {
  it('gets nothing of it into the certificate', async () => {
    const path = (name: string): string => join(folder, name);
    const { privateKey } = await generateKeyPair('P-256');
    await writeFile(path('key.pem'), privateKey.export({ format: 'pem', type: 'pkcs8' }));
    const wishes = ['basicConstraints=critical,CA:TRUE', 'subjectAltName=DNS:evil.example', 'keyUsage=keyCertSign'];
    const csr = await verifierOutput('openssl', [
      ...['req', '-new', '-key', path('key.pem'), '-subj', '/O=Evil/CN=evil.example/emailAddress=evil@example.org'],
      ...wishes.flatMap((wish) => ['-addext', wish]),
    ]);
    const { spki } = acceptCsr(csr);
    const der = await issue(pki.intermediate, { ...(await contentOf('user')), spki });
    expect(der.toString('latin1')).not.toMatch(/evil|Evil/);
    const { extensions } = parseCertificate(der).tbs;
    expect(extensions.map(({ id }) => id).sort()).toEqual(
      [
        Oid.basicConstraints,
        Oid.keyUsage,
        Oid.extendedKeyUsage,
        Oid.subjectKeyIdentifier,
        Oid.authorityKeyIdentifier,
      ].sort(),
    );
  });
});
