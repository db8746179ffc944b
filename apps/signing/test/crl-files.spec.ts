import { buildCrl, createAuthority, signWithKey, type PublicKeyInfrastructure } from '@libs/pki';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CrlFiles } from '../src/crl/crl-files';
import { type PublishedCrl, publishedCrl } from '../src/crl/published-crl';
import { KeyStore } from '../src/key-store/key-store';

const now = new Date();
let folder: string;
let pki: PublicKeyInfrastructure;
let keyStore: KeyStore;

beforeAll(async () => {
  pki = await createAuthority({
    rootCommonName: 'Root',
    intermediateCommonName: 'Intermediate',
    algorithm: 'P-256',
    now,
    rootCrlValidityDays: 30,
  });
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crl-files-'));
  const { issuer, privateKey } = pki.intermediate;
  const key = { publicKey: issuer.publicKey, sign: (data: Buffer) => Promise.resolve(signWithKey(privateKey, data)) };
  keyStore = new KeyStore(folder, { name: 'intermediate', issuer, key }, pki.root.issuer);
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function crl(number: bigint): Promise<PublishedCrl> {
  const { issuer, key } = keyStore.active;
  const thisUpdate = new Date(Math.floor(now.getTime() / 1000) * 1000 - 300_000 + Number(number) * 1000);
  const content = { number, thisUpdate, nextUpdate: new Date(now.getTime() + 86_400_000), revoked: [] };
  return publishedCrl(await buildCrl(issuer, content, (data) => key.sign(data)), issuer);
}

/** What a process that starts now reads. */
const stored = async (): Promise<bigint | undefined> =>
  (await new CrlFiles(keyStore).read(keyStore.active.issuer))?.number;

describe('stored CRLs', () => {
  it('are replaced by newer ones, and never by an older one of a replica', async () => {
    const { issuer } = keyStore.active;
    const [ours, theirs] = [new CrlFiles(keyStore), new CrlFiles(keyStore)];
    await ours.replace(issuer, await crl(1n));
    await theirs.replace(issuer, await crl(3n));
    const result = await ours.replace(issuer, await crl(2n));
    expect(result.number).toBe(3n);
    expect(await stored()).toBe(3n);
    expect((await ours.replace(issuer, await crl(4n))).number).toBe(4n);
    expect(await stored()).toBe(4n);
  });

  it('that many replicas write at once are the newest in the end', async () => {
    const crls = await Promise.all([5n, 2n, 9n, 7n, 1n, 8n].map(crl));
    await Promise.all(crls.map((one) => new CrlFiles(keyStore).replace(keyStore.active.issuer, one)));
    expect(await stored()).toBe(9n);
    expect(await readdir(join(folder, 'crl'))).toHaveLength(1);
  });

  it('are read again only when another process has changed them', async () => {
    const { issuer } = keyStore.active;
    const [ours, theirs] = [new CrlFiles(keyStore), new CrlFiles(keyStore)];
    await ours.replace(issuer, await crl(1n));
    expect(await ours.readChanged(issuer)).toBeUndefined();
    await theirs.replace(issuer, await crl(2n));
    expect((await ours.readChanged(issuer))?.number).toBe(2n);
    expect(await ours.readChanged(issuer)).toBeUndefined();
  });

  it('survive a write that fails: no partial file, the old one stays', async () => {
    const { issuer } = keyStore.active;
    const files = new CrlFiles(keyStore);
    await files.replace(issuer, await crl(1n));
    const broken = await crl(2n);
    const unwritable = { ...broken, parsed: { ...broken.parsed, der: {} as Buffer } };
    await expect(files.replace(issuer, unwritable)).rejects.toThrow();
    expect(await stored()).toBe(1n);
    expect(await readdir(join(folder, 'crl'))).toHaveLength(1);
  });

  it('replace what a process left that died while it wrote', async () => {
    const { issuer } = keyStore.active;
    await new CrlFiles(keyStore).replace(issuer, await crl(1n));
    const [name = ''] = await readdir(join(folder, 'crl'));
    await writeFile(join(folder, 'crl', `${name}.0123456789ab`), 'half of a CRL');
    await writeFile(join(folder, 'crl', 'another.crl.0123456789ab'), "another issuer's");
    await new CrlFiles(keyStore).replace(issuer, await crl(2n));
    expect(await readdir(join(folder, 'crl'))).toEqual([name, 'another.crl.0123456789ab'].sort());
  });
});
