import { StartError } from '@libs/http';
import { createAuthority, crlPemLabel, sealPrivateKey, toPem } from '@libs/pki';
import { generateKeyPairSync } from 'node:crypto';
import { chmod, chown, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SigningConfig } from '../src/config/signing.config';
import { openInstallation } from '../src/installation';
import { EncryptedFileKey } from '../src/key-store/encrypted-file-key';
import { KeyStore } from '../src/key-store/key-store';
import { FakeLogServer } from './support/fake-log-server';
import { TestPki, passphrase, signingVariables } from './support/signing-service';

let pki: TestPki;
let directory: string;
const path = (name: string): string => join(directory, name);
const log = new FakeLogServer();

beforeAll(async () => {
  pki = await TestPki.create();
});

beforeEach(async () => {
  directory = await pki.directory();
});

afterAll(() => pki.remove());

const open = (secret = passphrase, now = new Date()): Promise<KeyStore> =>
  KeyStore.open({ directory, passphrases: [secret], active: 'intermediate', now });

async function failure(secret = passphrase, now = new Date()): Promise<string> {
  try {
    await open(secret, now);
  } catch (error) {
    if (error instanceof StartError) return error.message;
    throw error;
  }
  return 'opened';
}

const years = (count: number): Date => new Date(Date.now() + count * 365 * 86_400_000);
const asRoot = process.geteuid?.() === 0 ? it : it.skip;

describe('the key store', () => {
  it('opens what belongs together', async () => {
    expect(await failure()).toBe('opened');
  });

  it.each([
    ['a wrong passphrase', () => failure('wrong'), /passphrase is wrong/],
    ['an intermediate that expired', () => failure(passphrase, years(6)), /intermediate\.crt expired on/],
    ['an intermediate that is not valid yet', () => failure(passphrase, years(-1)), /not valid before .* clock/],
  ])('says what is wrong with %s', async (_what, opening, message) => {
    expect(await opening()).toMatch(message);
  });

  it.each([
    ['a missing folder', () => rm(directory, { recursive: true }), /is missing\.$/],
    ['a missing key', () => rm(path('intermediate.key.json')), /intermediate\.key\.json is missing\./],
    ['a missing root', () => rm(path('root.crt')), /root\.crt is missing\.$/],
    ['a folder that others may enter', () => chmod(directory, 0o755), /open to other users \(mode 0755\)/],
    [
      'a key that others may read',
      () => chmod(path('intermediate.key.json'), 0o640),
      /open to other users \(mode 0640\)/,
    ],
    ['a truncated key', async () => writeFile(path('intermediate.key.json'), (await key()).slice(0, 100)), /truncated/],
    ['an empty key file', () => writeFile(path('intermediate.key.json'), ''), /key file is empty/],
    ['the key of another certificate', () => otherKey(), /does not belong to the certificate/],
    ['a certificate that is none', () => writeFile(path('intermediate.crt'), 'hello'), /not a certificate in PEM/],
    ['an intermediate of another root', () => otherIntermediate(), /was not issued by the root/],
    ['an intermediate in place of the root', async () => writeFile(path('root.crt'), await intermediate()), /no root/],
  ])('says what is wrong with %s', async (_what, damage, message) => {
    await damage();
    expect(await failure()).toMatch(message);
  });

  asRoot('refuses a key that belongs to another user', async () => {
    await chown(path('intermediate.key.json'), 65534, 65534);
    expect(await failure()).toMatch(/belongs to another user/);
  });

  it('never shows the key: it is in no property and no print', async () => {
    const { issuer } = (await open()).active;
    const opened = await EncryptedFileKey.open(path('intermediate.key.json'), [passphrase], issuer);
    const values: unknown[] = Object.values(opened);
    expect(
      values.filter((value) => typeof value === 'object' && value !== null && Reflect.get(value, 'type') === 'private'),
    ).toEqual([]);
    expect(JSON.stringify(opened)).not.toMatch(/PRIVATE/);
  });
});

const key = (): Promise<string> => readFile(path('intermediate.key.json'), 'utf8');
const intermediate = (): Promise<string> => readFile(path('intermediate.crt'), 'utf8');

async function otherKey(): Promise<void> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  await writeFile(path('intermediate.key.json'), await sealPrivateKey(privateKey, passphrase));
}

const otherAuthority = () =>
  createAuthority({
    rootCommonName: 'Other Root',
    intermediateCommonName: 'Other Intermediate',
    algorithm: 'P-256',
    now: new Date(),
    rootCrlValidityDays: 30,
  });

async function otherIntermediate(): Promise<void> {
  const { intermediate: other } = await otherAuthority();
  await writeFile(path('intermediate.crt'), toPem('CERTIFICATE', other.issuer.der));
}

describe('the service', () => {
  const starting = async (changes: Record<string, string> = {}): Promise<unknown> =>
    openInstallation(SigningConfig.from(signingVariables(directory, log, changes)));

  it('starts when everything is in order', async () => {
    await expect(starting()).resolves.toBeDefined();
  });

  it.each([
    ['a missing root CRL', () => rm(path('root.crl.pem')), /root\.crl\.pem is missing\.$/],
    ['a root CRL that is none', () => writeFile(path('root.crl.pem'), 'hello'), /not the CRL of the root/],
    [
      'the CRL of another root',
      async () => writeFile(path('root.crl.pem'), toPem(crlPemLabel, (await otherAuthority()).rootCrl)),
      /not the CRL of the root\. It is the CRL of another CA\.$/,
    ],
  ])('does not start with %s', async (_what, damage, message) => {
    await damage();
    await expect(starting()).rejects.toThrow(message);
  });

  it('does not start with a verifier key that is none', async () => {
    await expect(starting({ SIGNING_CT_VERIFIER_KEYS: 'hello' })).rejects.toThrow(/SIGNING_CT_VERIFIER_KEYS/);
  });
});
