import { createCsr, openPrivateKey, sha256, spkiOf, toPem } from '@libs/pki';
import { createPublicKey } from 'node:crypto';
import { copyFile, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KeyStore } from '../../../apps/signing/src/key-store/key-store';
import { verifierOutput } from '../../../libs/pki/test/external-tools';
import { CeremonyRoom, config, passphrases } from './ceremony-room';

/** Where the root is; the signing host is another room. */
const prepared = new CeremonyRoom();
let ceremony: CeremonyRoom;
let host: CeremonyRoom;

beforeAll(async () => {
  await prepared.prepare(config({}));
  await prepared.done('init-root');
});
afterAll(() => prepared.remove());

beforeEach(async () => {
  ceremony = new CeremonyRoom();
  await ceremony.copyFrom(prepared);
  host = new CeremonyRoom();
});
afterEach(() => Promise.all([ceremony.remove(), host.remove()]));

const requestConfig = (key = 'P-256') => `version: 1\noutput: ca\nrequest:\n  name: vpn-2027\n  key: ${key}\n`;
const openssl = (...args: readonly string[]) => verifierOutput('openssl', args);
const csrPath = () => join(ceremony.folder, 'intermediate.csr');
const certificatePath = (name = 'vpn-2027') => ceremony.path('intermediates', name, 'intermediate.crt');

/** The request is carried to the ceremony, whose file names this key. */
async function prepareCeremony(keySha256: string, name = 'vpn-2027'): Promise<void> {
  const lines = [`name: ${name}`, `common_name: Example ${name}`, 'csr: intermediate.csr', `key_sha256: ${keySha256}`];
  const intermediate = [...lines, 'validity_days: 1825'].map((line) => `  ${line}`).join('\n');
  await ceremony.prepare(config({ intermediate }));
}

async function requested(key?: string): Promise<string> {
  await host.prepare(requestConfig(key));
  const transcript = await host.done('request-intermediate');
  await copyFile(host.path('requests', 'vpn-2027', 'intermediate.csr'), csrPath());
  return /Key SHA-256 +([0-9a-f]{64})/.exec(transcript)?.[1] ?? '';
}

/** SHA-256 of the key in a request that another program made. */
async function keyOf(path: string): Promise<string> {
  const pem = await openssl('req', '-in', path, '-noout', '-pubkey');
  return sha256(spkiOf(createPublicKey(pem))).toString('hex');
}

async function refusal(): Promise<string> {
  const { status, stderr } = await ceremony.hold('issue-intermediate');
  expect(status).toBe(1);
  expect(await readdir(ceremony.output)).not.toContain('intermediates');
  return stderr;
}

describe('a request', () => {
  it('is made with a key that stays, for its owner alone and encrypted', async () => {
    const key = await requested();
    expect(await readdir(host.path('requests', 'vpn-2027'))).toEqual(['intermediate.csr', 'intermediate.key.json']);
    expect(await openssl('req', '-in', csrPath(), '-noout', '-verify')).toMatch(/verify OK/);
    expect(await keyOf(csrPath())).toBe(key);
    const envelope = await host.read('requests', 'vpn-2027', 'intermediate.key.json');
    const opened = await openPrivateKey(envelope, passphrases.intermediate);
    expect(sha256(spkiOf(createPublicKey(opened))).toString('hex')).toBe(key);
    expect(new Set(Object.values(await host.permissions()))).toEqual(new Set(['700', '600']));
    expect((await host.hold('request-intermediate')).stderr).toMatch(/nothing is overwritten/);
  });

  it('is shown by inspect, and not when its signature is wrong', async () => {
    const key = await requested();
    expect((await host.run('inspect', csrPath())).stdout).toMatch(new RegExp(`signed with its key[^]*${key}`));
    await alter(csrPath());
    expect(await host.run('inspect', csrPath())).toMatchObject({ status: 1 });
  });

  it('needs no root, and everything else needs the section crl', async () => {
    await host.prepare(requestConfig());
    expect((await host.hold('init-root')).stderr).toMatch(/no section root/);
    await host.prepare(`${requestConfig()}root:\n  common_name: A\n  key: P-256\n  validity_days: 9\n`);
    expect((await host.hold('init-root')).stderr).toMatch(/no section crl/);
  });
});

describe('an intermediate that was asked for', () => {
  it.each(['P-256', 'P-384', 'Ed25519', 'RSA-3072'])(
    'with a %s key is opened by the signing host',
    async (algorithm) => {
      await prepareCeremony(await requested(algorithm));
      const told = await ceremony.done('issue-intermediate');
      expect(told).toMatch(/Nothing but the key was taken/);
      const folder = ceremony.path('intermediates', 'vpn-2027');
      expect((await readdir(folder)).sort()).toEqual(['intermediate.crt', 'root.crl.pem', 'root.crt']);
      const root = ceremony.path('root', 'root.crt');
      expect(await openssl('verify', '-x509_strict', '-CAfile', root, certificatePath())).toMatch(/: OK/);
      const [theirs, ours] = [
        await openssl('req', '-in', csrPath(), '-noout', '-pubkey'),
        await openssl('x509', '-in', certificatePath(), '-noout', '-pubkey'),
      ];
      expect(ours).toBe(theirs);
      const pki = join(host.folder, 'pki');
      await mkdir(pki, { mode: 0o700 });
      for (const name of await readdir(folder)) await copyFile(join(folder, name), join(pki, name));
      await copyFile(host.path('requests', 'vpn-2027', 'intermediate.key.json'), join(pki, 'intermediate.key.json'));
      const options = {
        directory: pki,
        passphrases: [passphrases.intermediate],
        active: 'intermediate',
        now: new Date(),
      };
      expect((await KeyStore.open(options)).active.issuer.pathLength).toBe(0);
    },
  );

  it('has nothing of the request but its key', async () => {
    const wishes = ['-subj', '/C=XX/O=Elsewhere/CN=Root of everything', '-addext', 'subjectAltName=DNS:evil.example'];
    const more = ['-addext', 'basicConstraints=critical,CA:TRUE,pathlen:7', '-addext', 'keyUsage=digitalSignature'];
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:secp384r1', '-keyout', '/dev/null', '-nodes'];
    await openssl('req', '-new', ...key, ...wishes, ...more, '-out', csrPath());
    await prepareCeremony(await keyOf(csrPath()));
    await ceremony.done('issue-intermediate');
    const text = await openssl('x509', '-in', certificatePath(), '-noout', '-text');
    expect(text).toMatch(/Subject: CN ?= ?Example vpn-2027\n/);
    expect(text).toMatch(/X509v3 Basic Constraints: critical\s+CA:TRUE, pathlen:0\n/);
    expect(text).toMatch(/X509v3 Key Usage: critical\s+Certificate Sign, CRL Sign\n/);
    expect(text).not.toMatch(/Elsewhere|evil|Alternative Name|Root of everything/);
  });

  it('can be rehearsed, below the root of the rehearsal', async () => {
    await prepareCeremony(await requested());
    await ceremony.done('init-root', '--rehearse');
    await ceremony.done('issue-intermediate', '--rehearse');
    const folder = `${ceremony.output}.rehearsal/intermediates/vpn-2027`;
    expect(await openssl('x509', '-in', join(folder, 'intermediate.crt'), '-noout', '-subject')).toMatch(/REHEARSAL/);
    expect(await readdir(ceremony.output)).not.toContain('intermediates');
  });
});

describe('the ceremony refuses', () => {
  it('a request whose sender has not proven to have the key', async () => {
    const key = await requested();
    await alter(csrPath());
    await prepareCeremony(key);
    expect(await refusal()).toMatch(/signature of the request does not match/);
  });

  it('another key than the one that was reviewed', async () => {
    await requested();
    await prepareCeremony('ab'.repeat(32));
    expect(await refusal()).toMatch(/for another key than the ceremony file says: its Key SHA-256 is [0-9a-f]{64}/);
  });

  it('a key that is too weak, and what is no request', async () => {
    const key = ['-newkey', 'rsa:2048', '-keyout', '/dev/null', '-nodes', '-subj', '/CN=weak'];
    await openssl('req', '-new', ...key, '-out', csrPath());
    await prepareCeremony(await keyOf(csrPath()));
    expect(await refusal()).toMatch(/2048 bits/);
    await copyFile(ceremony.path('root', 'root.crt'), csrPath());
    expect(await refusal()).toMatch(/not a PEM certificate request/);
  });

  it('the key of the root, and one that an intermediate has already', async () => {
    const envelope = await ceremony.read('root', 'root.key.json');
    const privateKey = await openPrivateKey(envelope, passphrases.root);
    const pair = { privateKey, publicKey: createPublicKey(privateKey) };
    await writeFile(csrPath(), toPem('CERTIFICATE REQUEST', createCsr(pair, 'root')));
    await prepareCeremony(sha256(spkiOf(pair.publicKey)).toString('hex'));
    expect(await refusal()).toMatch(/the key is that of the issuer/);
    const key = await requested();
    await prepareCeremony(key);
    await ceremony.done('issue-intermediate');
    await prepareCeremony(key, 'vpn-2028');
    expect((await ceremony.hold('issue-intermediate')).stderr).toMatch(/vpn-2027 has the same key/);
  });

  it('a file that says both what key to make and what request there is, or not which key', async () => {
    const both = '  name: a\n  common_name: A\n  key: P-256\n  csr: a.csr\n  key_sha256: 00\n  validity_days: 9';
    await ceremony.prepare(config({ intermediate: both }));
    const { status, stderr } = await ceremony.hold('issue-intermediate');
    expect(status).toBe(2);
    expect(stderr).toMatch(/intermediate.key and csr exclude each other/);
    expect(stderr).toMatch(/intermediate.key_sha256 is not 32 bytes in hexadecimal/);
    await ceremony.prepare(config({ intermediate: both.replace(/ {2}key.*\n/g, '') }));
    expect((await ceremony.hold('issue-intermediate')).stderr).toMatch(/intermediate.key_sha256 is missing/);
  });
});

/** Changes a bit of the signature. */
async function alter(path: string): Promise<void> {
  const pem = await readFile(path, 'utf8');
  const der = Buffer.from(pem.replace(/-----[^-]*-----|\s/g, ''), 'base64');
  der.writeUInt8(der.readUInt8(der.length - 1) ^ 1, der.length - 1);
  await writeFile(path, toPem('CERTIFICATE REQUEST', der));
}
