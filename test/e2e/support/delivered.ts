import { X509Certificate } from 'node:crypto';
import { ProfileFile } from '../../support/profile-file';
import { readTarGz } from '../../support/tar-gz';
import type { PlainAnswer } from './existing-client';

export const PROFILE_TYPE = 'application/x-openvpn-profile';

export function expectProblem(answer: PlainAnswer, status: number): void {
  expect({ status: answer.status, type: answer.headers['content-type'] }).toEqual({
    status,
    type: 'application/problem+json; charset=utf-8',
  });
  expect(JSON.parse(answer.body.toString())).toMatchObject({ status, title: expect.any(String) });
}

export function expectProfile(answer: PlainAnswer): ProfileFile {
  expect(answer.status).toBe(200);
  expect(answer.headers).toMatchObject({ 'content-type': PROFILE_TYPE, 'cache-control': 'no-store' });
  const profile = new ProfileFile(answer.body.toString());
  for (const block of ['ca', 'cert', 'extra-certs', 'key', 'tls-crypt-v2']) {
    expect(profile.block(block)).toContain('-----BEGIN');
  }
  return profile;
}

/** A flat archive with all that a server needs. @returns the serial number of its certificate */
export async function expectBundle(archive: Buffer): Promise<string> {
  const files = await readTarGz(archive);
  const names = [...files.keys()];
  expect(names.filter((name) => name.includes('/'))).toEqual([]);
  expect(names).toEqual(expect.arrayContaining(['ca-chain.crt', 'server.crt', 'server.key', 'crl.pem']));
  expect(names.some((name) => /^tls-crypt.*\.key$/.test(name))).toBe(true);
  expect(names.some((name) => name.endsWith('.ovpn'))).toBe(true);
  expect(files.get('server.key')?.mode).toBe(0o600);
  expect(files.get('crl.pem')?.text).toContain('-----BEGIN X509 CRL-----');
  const [leaf] = certificatesIn(files.get('server.crt')?.text);
  const chain = certificatesIn(files.get('ca-chain.crt')?.text);
  const [intermediate, root] = chain;
  if (leaf === undefined || intermediate === undefined || root === undefined)
    throw new Error('certificates are missing');
  expect(chain).toHaveLength(2);
  expect(leaf.verify(intermediate.publicKey)).toBe(true);
  expect(intermediate.verify(root.publicKey)).toBe(true);
  expect(root.verify(root.publicKey)).toBe(true);
  return leaf.serialNumber;
}

function certificatesIn(pem = ''): readonly X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}
