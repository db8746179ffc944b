import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { openPrivateKey, sealPrivateKey } from './key-envelope';
import { KeyEnvelopeError } from './key-envelope-error';
import { parseEnvelope } from './key-envelope-format';
import { spkiOf } from './signature-algorithm';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const other = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const passphrase = 'correct horse battery staple';
let sealed: string;

beforeAll(async () => {
  sealed = await sealPrivateKey(privateKey, passphrase);
});

async function failureOf(opening: Promise<unknown>): Promise<string> {
  try {
    await opening;
  } catch (error) {
    if (error instanceof KeyEnvelopeError) return error.failure;
    throw error;
  }
  return 'opened';
}

type Document = Record<string, unknown> & { kdf: Record<string, unknown>; cipher: Record<string, unknown> };

function altered(change: (document: Document) => void): string {
  const document = JSON.parse(sealed) as Document;
  change(document);
  return JSON.stringify(document);
}

describe('the encrypted key envelope', () => {
  it.each([
    ['P-256', () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' })],
    ['Ed25519', () => generateKeyPairSync('ed25519')],
    ['RSA', () => generateKeyPairSync('rsa', { modulusLength: 2048 })],
  ])('gives a %s key back', async (_what, generate) => {
    const pair = generate();
    const opened = await openPrivateKey(await sealPrivateKey(pair.privateKey, passphrase), passphrase);
    expect(opened.equals(pair.privateKey)).toBe(true);
    expect(spkiOf(createPublicKey(opened))).toEqual(spkiOf(pair.publicKey));
  });

  it('has the documented format and never the key in clear', () => {
    const envelope = parseEnvelope(sealed);
    expect(envelope.cost).toEqual({ n: 131_072, r: 8, p: 1 });
    expect(envelope.spki).toEqual(spkiOf(publicKey));
    const secret = privateKey.export({ format: 'jwk' }).d ?? '';
    expect(envelope.ciphertext.includes(Buffer.from(secret, 'base64url'))).toBe(false);
  });

  it('never encrypts twice with the same salt or nonce', async () => {
    const second = parseEnvelope(await sealPrivateKey(privateKey, passphrase));
    expect(second.salt).not.toEqual(parseEnvelope(sealed).salt);
    expect(second.nonce).not.toEqual(parseEnvelope(sealed).nonce);
  });

  it('refuses a wrong passphrase', async () => {
    expect(await failureOf(openPrivateKey(sealed, 'wrong'))).toBe('wrong_passphrase');
  });

  it('refuses the key of another certificate, before it works for the passphrase', async () => {
    const started = performance.now();
    expect(await failureOf(openPrivateKey(sealed, 'wrong', { spki: spkiOf(other.publicKey) }))).toBe('key_mismatch');
    const refused = performance.now();
    expect(await failureOf(openPrivateKey(sealed, passphrase, { spki: spkiOf(publicKey) }))).toBe('opened');
    expect(refused - started).toBeLessThan((performance.now() - refused) / 2);
  });

  it('refuses a public key that was exchanged: it is authenticated', async () => {
    const forged = altered((document) => (document['spki'] = spkiOf(other.publicKey).toString('base64')));
    expect(await failureOf(openPrivateKey(forged, passphrase))).toBe('wrong_passphrase');
  });

  it.each([
    ['nothing', () => ''],
    ['a truncated file', () => sealed.slice(0, sealed.length / 2)],
    ['no object', () => '[]'],
    ['another format', () => altered((document) => (document['format'] = 'openvpn-manager-key-v2'))],
    ['an unknown member', () => altered((document) => (document['comment'] = 'x'))],
    ['a missing member', () => altered((document) => delete document['spki'])],
    ['another KDF', () => altered((document) => (document.kdf['name'] = 'pbkdf2'))],
    ['another cipher', () => altered((document) => (document.cipher['name'] = 'aes-256-cbc'))],
    ['a cost that is too small', () => altered((document) => (document.kdf['n'] = 1024))],
    ['a cost that is too large', () => altered((document) => (document.kdf['n'] = 2 ** 30))],
    ['a cost that is no power of two', () => altered((document) => (document.kdf['n'] = 100_000))],
    ['a cost that is text', () => altered((document) => (document.kdf['n'] = '131072'))],
    ['a short salt', () => altered((document) => (document.kdf['salt'] = 'AAAA'))],
    ['a short nonce', () => altered((document) => (document.cipher['nonce'] = 'AAAA'))],
    ['broken base64', () => altered((document) => (document['ciphertext'] = '!!!!'))],
    ['a truncated ciphertext', () => altered((document) => (document['ciphertext'] = 'AAAA'))],
    ['a huge file', () => 'x'.repeat(100_000)],
    ['a truncated PKCS #8 file', () => pkcs8().slice(0, 120)],
  ])('refuses %s as malformed', async (_what, text) => {
    expect(await failureOf(openPrivateKey(text(), passphrase))).toBe('malformed');
  });
});

const pkcs8 = (): string =>
  privateKey.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase }).toString();

describe('PKCS #8', () => {
  it('is read when it is encrypted', async () => {
    const opened = await openPrivateKey(pkcs8(), passphrase, { spki: spkiOf(publicKey) });
    expect(opened.equals(privateKey)).toBe(true);
  });

  it('is refused with a wrong passphrase, with another certificate and in clear', async () => {
    expect(await failureOf(openPrivateKey(pkcs8(), 'wrong'))).toBe('wrong_passphrase');
    expect(await failureOf(openPrivateKey(pkcs8(), passphrase, { spki: spkiOf(other.publicKey) }))).toBe(
      'key_mismatch',
    );
    const clear = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
    expect(await failureOf(openPrivateKey(clear, passphrase))).toBe('not_encrypted');
  });
});
