import { Issuer, crlNumberOf, createRootCrl, onlyPemBlock, openPrivateKey, parseCrl, toPem } from '@libs/pki';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureDevelopmentPki } from './pki';

const passphrase = 'a passphrase for development';
let folder: string;
let directory: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'development-pki-'));
  directory = join(folder, 'data', 'pki');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const read = (name: string): Promise<string> => readFile(join(directory, name), 'utf8');
const issuerOf = async (name: string) => Issuer.fromCertificate(onlyPemBlock(await read(name), 'CERTIFICATE'));
const rootCrl = async () => parseCrl(onlyPemBlock(await read('root.crl.pem'), 'X509 CRL'));

describe('ensureDevelopmentPki', () => {
  it('makes an owner-only folder whose pieces belong together', async () => {
    await ensureDevelopmentPki(directory, passphrase);
    const intermediate = await issuerOf('intermediate.crt');
    expect((await issuerOf('root.crt')).issued(intermediate.certificate)).toBe(true);
    await openPrivateKey(await read('intermediate.key.json'), passphrase, { spki: intermediate.certificate.tbs.spki });
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    for (const name of ['intermediate.key.json', 'root.key.json', 'root.crt', 'root.crl.pem']) {
      expect((await stat(join(directory, name))).mode & 0o777).toBe(0o600);
    }
  });

  it('changes nothing when it enters again', async () => {
    await ensureDevelopmentPki(directory, passphrase);
    const before = await Promise.all(['intermediate.key.json', 'root.crl.pem'].map(read));
    await ensureDevelopmentPki(directory, passphrase);
    expect(await Promise.all(['intermediate.key.json', 'root.crl.pem'].map(read))).toEqual(before);
  });

  it('gives one PKI to all who enter at once, and leaves nothing else behind', async () => {
    await Promise.all(Array.from({ length: 4 }, () => ensureDevelopmentPki(directory, passphrase)));
    const intermediate = await issuerOf('intermediate.crt');
    await openPrivateKey(await read('intermediate.key.json'), passphrase, { spki: intermediate.certificate.tbs.spki });
    expect(await readdir(join(folder, 'data'))).toEqual(['pki']);
  });

  it('signs the CRL of the root again before it expires, once, with the next number', async () => {
    await ensureDevelopmentPki(directory, passphrase);
    const issuer = await issuerOf('root.crt');
    const privateKey = await openPrivateKey(await read('root.key.json'), passphrase);
    const old = await createRootCrl({ issuer, privateKey }, { now: new Date(), validityDays: 40 });
    await writeFile(join(directory, 'root.crl.pem'), toPem('X509 CRL', old));
    await Promise.all([ensureDevelopmentPki(directory, passphrase), ensureDevelopmentPki(directory, passphrase)]);
    expect(crlNumberOf(await rootCrl())).toBe(2n);
    expect(await readdir(directory)).not.toContain('root.crl.lock');
  });

  it('says what is missing in a folder that is not complete', async () => {
    await ensureDevelopmentPki(directory, passphrase);
    await rm(join(directory, 'root.key.json'));
    await expect(ensureDevelopmentPki(directory, passphrase)).rejects.toThrow(/root\.key\.json missing/);
  });
});
