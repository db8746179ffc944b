import {
  type CertificateAuthority,
  type PublicKeyInfrastructure,
  buildCrl,
  createAuthority,
  crlPemLabel,
  newSerialNumber,
  signWithKey,
  toPem,
} from '@libs/pki';
import { derDocument, isOlder, pemDocument } from './crl-document';

const now = new Date(Math.floor(Date.now() / 1000) * 1000);
let pki: PublicKeyInfrastructure;

beforeAll(async () => {
  const names = { rootCommonName: 'Root', intermediateCommonName: 'Intermediate' };
  pki = await createAuthority({ ...names, algorithm: 'P-256', now, rootCrlValidityDays: 30 });
});

function crl(by: CertificateAuthority, number: bigint, entries = 0): Promise<Buffer> {
  const revoked = Array.from({ length: entries }, () => ({
    serialNumber: newSerialNumber(),
    revokedAt: now,
    reason: 1,
  }));
  const content = { number, thisUpdate: now, nextUpdate: new Date(now.getTime() + 86_400_000), revoked };
  return buildCrl(by.issuer, content, (data) => signWithKey(by.privateKey, data));
}

const pem = (...ders: readonly Buffer[]): string => ders.map((der) => toPem(crlPemLabel, der)).join('');
const bundle = (text: string) => pemDocument(Buffer.from(text));

describe('a bundle', () => {
  it.each([0, 1, 2, 3, 500])('is read whatever its size (%d entries)', async (entries) => {
    const der = await crl(pki.intermediate, 7n, entries);
    const document = await bundle(pem(der, pki.rootCrl));
    expect([...document.numbers.values()]).toEqual([7n, 1n]);
    expect(document.lastModified).toEqual(now);
    expect(document.etag).toMatch(/^"[0-9a-f]{64}"$/);
  });

  const damages: Readonly<Record<string, (text: string) => string>> = {
    'with another label': (text) => text.replaceAll(crlPemLabel, 'CRL'),
    'without its end': (text) => text.slice(0, -30),
    'with text before it': (text) => `# made today\n${text}`,
    'with text between': (text) => text.replace('-----\n-----', '-----\nhello\n-----'),
    'with a character that is not base64': (text) => text.replace(/\n(.)/, '\n*'),
    'with a line that is missing': (text) => text.replace(/\n.{64}\n/, '\n'),
    'that is empty': () => '',
  };

  it.each(Object.keys(damages))('is refused %s', async (what) => {
    const text = pem(await crl(pki.intermediate, 7n, 20), pki.rootCrl);
    await expect(bundle(damages[what]!(text))).rejects.toThrow();
  });
});

describe('a CRL in DER', () => {
  it('is read, and refused when it is cut', async () => {
    const der = await crl(pki.intermediate, 7n, 20);
    expect([...(await derDocument(der)).numbers.values()]).toEqual([7n]);
    await expect(derDocument(der.subarray(0, -1))).rejects.toThrow();
  });
});

describe('an older document', () => {
  it('has the CRL of an issuer with a smaller number, whatever the others are', async () => {
    const of = async (intermediate: bigint, root: bigint) =>
      bundle(pem(await crl(pki.intermediate, intermediate), await crl(pki.root, root)));
    const known = await of(7n, 3n);
    expect(isOlder(await of(6n, 3n), known)).toBe(true);
    expect(isOlder(await of(8n, 2n), known)).toBe(true);
    expect(isOlder(await of(7n, 3n), known)).toBe(false);
    expect(isOlder(await of(8n, 3n), known)).toBe(false);
  });

  it('is not one of another issuer, which counts for itself: so it is when the intermediate is rotated', async () => {
    const known = await derDocument(await crl(pki.intermediate, 7n));
    expect(isOlder(await derDocument(await crl(pki.root, 1n)), known)).toBe(false);
  });
});
