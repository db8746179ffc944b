import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { Pkcs10CertificateRequest } from '@peculiar/x509';
import fc from 'fast-check';
import { CsrRejected, acceptCsr } from './csr-policy';
import { DerTag, bitString, oid, sequence } from './der';
import { DerReader } from './der-reader';
import { createCsr, createKeyPairAndCsr, keyAlgorithms } from './key-pair';
import { Oid } from './oids';
import { onlyPemBlock, toPem } from './pem';
import { spkiOf } from './signature-algorithm';

const pemOf = (der: Buffer): string => toPem('CERTIFICATE REQUEST', der);

function rejection(pem: string): CsrRejected {
  try {
    acceptCsr(pem);
  } catch (error) {
    if (error instanceof CsrRejected) return error;
    throw error;
  }
  throw new Error('the request was accepted');
}

function csrOf(keyPair: { publicKey: KeyObject; privateKey: KeyObject }): string {
  return pemOf(createCsr(keyPair, 'x'));
}

describe('createKeyPairAndCsr', () => {
  it.each(keyAlgorithms)('makes a %s request that the policy and @peculiar/x509 accept', async (algorithm) => {
    const { csrPem, privateKeyPem } = await createKeyPairAndCsr({ commonName: 'Zoë', algorithm });
    expect(privateKeyPem).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    const request = new Pkcs10CertificateRequest(csrPem);
    expect(request.subject).toBe('CN=Zoë');
    expect(await request.verify()).toBe(true);
    expect(acceptCsr(csrPem).spki).toEqual(Buffer.from(request.publicKey.rawData));
  });
});

describe('acceptCsr', () => {
  it('accepts P-384', () => {
    const keyPair = generateKeyPairSync('ec', { namedCurve: 'secp384r1' });
    expect(acceptCsr(csrOf(keyPair)).spki).toEqual(spkiOf(keyPair.publicKey));
  });

  it.each([
    ['RSA-2048', () => generateKeyPairSync('rsa', { modulusLength: 2048 }), /2048 bits; 3072 to 8192/],
    ['RSA with exponent 3', () => generateKeyPairSync('rsa', { modulusLength: 3072, publicExponent: 3 }), /exponent/],
  ])('refuses %s', (_what, generate, message) => {
    const error = rejection(csrOf(generate()));
    expect(error.reason).toBe('key_not_accepted');
    expect(error.message).toMatch(message);
  });

  it.each(['secp256k1', 'secp521r1', 'brainpoolP256r1'])('refuses the curve %s', (namedCurve) => {
    const spki = spkiOf(generateKeyPairSync('ec', { namedCurve }).publicKey);
    expect(rejection(crafted({ spki })).reason).toBe('key_not_accepted');
  });

  it('refuses a compressed point', () => {
    const { x, y } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).publicKey.export({ format: 'jwk' });
    const parity = (Buffer.from(y ?? '', 'base64url')[31] ?? 0) & 1;
    const point = Buffer.concat([Buffer.of(2 + parity), Buffer.from(x ?? '', 'base64url')]);
    const spki = sequence(sequence(oid(Oid.ecPublicKey), oid(Oid.p256)), bitString(point));
    expect(rejection(crafted({ spki })).message).toMatch(/uncompressed/);
  });

  it('refuses a request whose key was exchanged: no proof of possession', () => {
    const spki = spkiOf(generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).publicKey);
    expect(rejection(crafted({ spki })).reason).toBe('signature_invalid');
  });

  it('refuses a point that is not on the curve', () => {
    const spki = spkiOf(generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).publicKey);
    spki.fill(7, spki.length - 32);
    expect(rejection(crafted({ spki })).reason).toBe('malformed');
  });

  it.each([
    ['nothing', ''],
    ['a certificate label', toPem('CERTIFICATE', Buffer.of(0x30, 0))],
    ['an empty sequence', pemOf(Buffer.of(0x30, 0))],
    ['more than 16 kB', 'A'.repeat(20_000)],
  ])('refuses %s as malformed', (_what, pem) => {
    expect(rejection(pem).reason).toBe('malformed');
  });

  it('refuses SHA-1 signatures', () => {
    const ecdsaWithSha1 = sequence(oid('1.2.840.10045.4.1'));
    expect(rejection(crafted({ algorithm: ecdsaWithSha1 })).reason).toBe('signature_not_accepted');
  });

  it('answers every damaged request with CsrRejected', async () => {
    const der = await freshCsr();
    const accepted = acceptCsr(pemOf(der)).spki;
    fc.assert(
      fc.property(fc.nat(der.length - 1), fc.integer({ min: 1, max: 255 }), (position, flip) => {
        const damaged = Buffer.from(der);
        damaged[position] = (damaged[position] ?? 0) ^ flip;
        expect(accepted).toBeDefined();
        expect(rejection(pemOf(damaged))).toBeInstanceOf(CsrRejected);
      }),
      { numRuns: 500 },
    );
  });

  it('answers every cut-off request with CsrRejected', async () => {
    const der = await freshCsr();
    for (let length = 0; length < der.length; length += 1) {
      expect(rejection(pemOf(der.subarray(0, length))).reason).toBe('malformed');
    }
  });
});

async function freshCsr(): Promise<Buffer> {
  const { csrPem } = await createKeyPairAndCsr({ commonName: 'x', algorithm: 'P-256' });
  return onlyPemBlock(csrPem, 'CERTIFICATE REQUEST');
}

/** A well-formed request, signed by a key of its own, in which one piece has been replaced. */
function crafted(pieces: { readonly spki?: Buffer; readonly algorithm?: Buffer }): string {
  const signer = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const request = DerReader.only(createCsr(signer, 'x'), DerTag.sequence, 'the request').enter();
  const fields = request.enter(DerTag.sequence, 'the information');
  const version = fields.any('the version').whole;
  const subject = fields.any('the subject').whole;
  const spki = fields.any('the key').whole;
  const attributes = fields.any('the attributes').whole;
  const algorithm = request.any('the algorithm').whole;
  const info = sequence(version, subject, pieces.spki ?? spki, attributes);
  return pemOf(sequence(info, pieces.algorithm ?? algorithm, request.any('the signature').whole));
}
