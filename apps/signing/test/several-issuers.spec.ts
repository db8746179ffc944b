import { StartError } from '@libs/http';
import type { Issuer } from '@libs/pki';
import { generateKeyPairSync } from 'node:crypto';
import { chmod, cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KeyStore } from '../src/key-store/key-store';
import { addIssuer } from './support/further-issuer';
import { TestPki, passphrase } from './support/signing-service';

let pki: TestPki;
/** With an issuer at the top and one in the folder `next`. */
let prepared: string;
let directory: string;
let next: Issuer;

beforeAll(async () => {
  pki = await TestPki.create();
  prepared = await pki.directory();
  next = await addIssuer(prepared, { name: 'next' });
});

beforeEach(async () => {
  directory = await pki.directory();
  await cp(join(prepared, 'issuers'), join(directory, 'issuers'), { recursive: true });
});

afterAll(() => pki.remove());

const file = (...names: string[]): string => join(directory, ...names);
const years = (count: number): Date => new Date(Date.now() + count * 365 * 86_400_000);

interface Opening {
  readonly secrets?: readonly string[];
  readonly now?: Date;
}

const open = (active = 'intermediate', { secrets = [passphrase], now = new Date() }: Opening = {}) =>
  KeyStore.open({ directory, active, passphrases: secrets, now });

async function failure(active = 'intermediate', options: Opening = {}) {
  try {
    await open(active, options);
  } catch (error) {
    if (error instanceof StartError) return error.message;
    throw error;
  }
  return 'opened';
}

/** Leaves the issuer in the folder alone, which opens at once. */
async function withoutTop(): Promise<void> {
  await rm(file('intermediate.crt'));
  await rm(file('intermediate.key.json'));
}

describe('a directory with several issuers', () => {
  it('opens all of them, the active one first', async () => {
    const asBefore = await open();
    expect(asBefore.issuers.map(({ name }) => name)).toEqual(['intermediate', 'next']);
    expect(asBefore.active.name).toBe('intermediate');
    const rotated = await open('next');
    expect(rotated.issuers.map(({ name }) => name)).toEqual(['next', 'intermediate']);
    expect(rotated.find(next.spkiSha256)?.name).toBe('next');
    expect(rotated.find(Buffer.alloc(32))).toBeUndefined();
    expect(rotated.chainOf(rotated.active)[0]).not.toBe(asBefore.chainOf(asBefore.active)[0]);
    expect(rotated.chainOf(rotated.active)[1]).toBe(asBefore.chainOf(asBefore.active)[1]);
  });

  it('needs none at the top when another is active', async () => {
    await withoutTop();
    expect((await open('next')).issuers.map(({ name }) => name)).toEqual(['next']);
    expect(await failure()).toMatch(/intermediate\.crt is missing\.$/);
  });

  it('opens keys that are sealed under different passphrases', async () => {
    await withoutTop();
    await addIssuer(directory, { name: 'other', sealedUnder: 'another passphrase' });
    expect(await failure('next')).toMatch(/issuers\/other\/intermediate\.key\.pem: The passphrase is wrong/);
    const { issuers } = await open('next', { secrets: [passphrase, 'another passphrase'] });
    expect(issuers.map(({ name }) => name)).toEqual(['next', 'other']);
  });

  it('warns of a key file that is PKCS #8', async () => {
    const { issuers } = await open();
    expect(issuers.map(({ warning }) => warning)).toEqual([undefined, expect.stringContaining('PKCS #8')]);
  });

  it('leaves a retired issuer out once it has expired, and does not start with an active one that has', async () => {
    await addIssuer(directory, { name: 'past', validityDays: 30 });
    expect((await open('next')).issuers.map(({ name }) => name)).toEqual(['next', 'intermediate', 'past']);
    const later = { now: years(1) };
    expect((await open('next', later)).issuers.map(({ name }) => name)).toEqual(['next', 'intermediate']);
    expect(await failure('past', later)).toMatch(/issuers\/past\/intermediate\.crt expired on/);
  });

  it('opens one that is not valid yet, and does not start while it is the active one', async () => {
    await withoutTop();
    await addIssuer(directory, { name: 'future', now: years(1) });
    expect((await open('next')).issuers.map(({ name }) => name)).toEqual(['next', 'future']);
    expect(await failure('future')).toMatch(/issuers\/future\/intermediate\.crt is not valid before .* clock/);
  });

  it('says which issuers there are when the one that is named is not among them', async () => {
    expect(await failure('last')).toMatch(/holds no issuer last, .* it holds intermediate, next\.$/);
    await withoutTop();
    await rm(file('issuers'), { recursive: true });
    expect(await failure('last')).toMatch(/it holds none\.$/);
  });
});

describe('the start of a service with an issuer in a folder', () => {
  beforeEach(withoutTop);

  const key = (name = 'next'): string => file('issuers', name, 'intermediate.key.pem');

  it.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'a retired issuer without a key',
      async () => retired(() => rm(key('other'))),
      /its CRL must be made: put the key back/,
    ],
    ['a truncated key', async () => writeFile(key(), (await readFile(key(), 'utf8')).slice(0, 120)), /truncated/],
    ['a key in clear', () => writeFile(key(), clearKey()), /not encrypted: only encrypted keys are opened/],
    ['a key in the traditional format', () => writeFile(key(), traditionalKey()), /convert it with openssl pkcs8/],
    ['the key of another certificate', () => writeFile(key(), foreignKey()), /does not belong to the certificate/],
    [
      'two keys',
      () => cp(key(), file('issuers', 'next', 'intermediate.key.json')),
      /holds .*key\.json and .*key\.pem: keep one/,
    ],
    ['a key that others may read', () => chmod(key(), 0o644), /open to other users \(mode 0644\)/],
    [
      'a folder that others may enter',
      () => chmod(file('issuers', 'next'), 0o750),
      /open to other users \(mode 0750\)/,
    ],
    ['folders that others may enter', () => chmod(file('issuers'), 0o711), /open to other users \(mode 0711\)/],
    ['an odd name', () => mkdir(file('issuers', '.swp'), { mode: 0o700 }), /is named with letters/],
    ['a file among the folders', () => writeFile(file('issuers', 'notes'), '', { mode: 0o600 }), /is not a folder/],
    [
      'the name of the top',
      () => rename(file('issuers', 'next'), file('issuers', 'intermediate')),
      /belongs to the issuer at the top/,
    ],
    ['the same issuer twice', () => retired(() => copyOfNext()), /has the same key as the issuer next/],
    [
      'another issuer of the same name',
      () => addIssuer(directory, { name: 'twin', commonName: 'Intermediate next' }),
      /has the same name as the issuer next/,
    ],
  ])('is refused for %s', async (_what, damage, message) => {
    await damage();
    expect(await failure('next')).toMatch(message);
  });

  it('is refused for a wrong passphrase', async () => {
    expect(await failure('next', { secrets: ['wrong'] })).toMatch(/passphrase is wrong/);
    expect(await failure('next', { secrets: ['wrong', 'wrong as well'] })).toMatch(/passphrase is wrong/);
  });

  async function retired(damage: () => Promise<unknown>): Promise<void> {
    await addIssuer(directory, { name: 'other' });
    await damage();
  }

  const copyOfNext = (): Promise<void> =>
    cp(file('issuers', 'next'), file('issuers', 'other'), { recursive: true, force: true });
});

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const clearKey = (): string => privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
const foreignKey = (): string =>
  privateKey.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase }).toString();
const traditionalKey = (): string =>
  privateKey.export({ format: 'pem', type: 'sec1', cipher: 'aes-256-cbc', passphrase }).toString();
