import { createIntermediate, createRoot, createRootCrl, sealPrivateKey, toPem } from '@libs/pki';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KeyStore } from '../../../apps/signing/src/key-store/key-store';
import { verifierOutput } from '../../../libs/pki/test/external-tools';
import { CeremonyRoom, config, passphrases } from './ceremony-room';
import { GOOD_INTERMEDIATE, GOOD_ROOT, opensslIntermediate, opensslRoot } from './existing-cas';

let room: CeremonyRoom;
let old: string;
beforeEach(async () => {
  room = new CeremonyRoom();
  old = join(room.folder, 'old');
  await room.prepare(config({ more: 'import: { from: old }' }));
});
afterEach(() => room.remove());

/** The ceremony comes after it, however long its key takes to make. */
async function oldRoot(...parameters: Parameters<typeof opensslRoot>): Promise<void> {
  await opensslRoot(...parameters);
  room.clock.set(new Date());
}

const without = (name: string, list = GOOD_ROOT) => list.filter((extension) => !extension.startsWith(name));
const rsa2048 = ['-newkey', 'rsa:2048'];
const rsa3072 = ['-newkey', 'rsa:3072'];

describe('a root in PEM files', () => {
  it.each([
    ['P-256', undefined],
    ['P-384', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384']],
    ['Ed25519', ['-newkey', 'ed25519']],
    ['RSA-3072', rsa3072],
  ])('with a %s key fits, whatever attributes its name has', async (_, key) => {
    await oldRoot(old, key === undefined ? {} : { key });
    const told = await room.done('import', '--rehearse');
    expect(told).toMatch(/C=DE, O=Example, CN=Old Root \(PEM files\)/);
  });

  it.each([
    ['a small key', { key: rsa2048 }, /public-key: The RSA key has 2048 bits/],
    [
      'another curve',
      { key: ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:secp256k1'] },
      /public-key: .*It is ec secp256k1/,
    ],
    ['SHA-1', { key: rsa3072, more: ['-sha1'] }, /signature-algorithm: It is signed with SHA-1 with RSA/],
    ['RSASSA-PSS', { key: rsa3072, more: ['-sigopt', 'rsa_padding_mode:pss'] }, /signature-algorithm: .*RSASSA-PSS/],
    [
      'path length 0',
      { extensions: [...without('basic'), 'basicConstraints=critical,CA:TRUE,pathlen:0'] },
      /path-length: Its path length is 0/,
    ],
    [
      'no subject key identifier',
      { extensions: [...without('subjectKey'), 'subjectKeyIdentifier=none'] },
      /subject-key-identifier: It has no/,
    ],
    ['no key usage', { extensions: without('keyUsage') }, /key-usage: It has no key usage/],
    [
      'too little key usage',
      { extensions: [...without('keyUsage'), 'keyUsage=keyCertSign'] },
      /key-usage: .*does not allow/,
    ],
    [
      'name constraints',
      { extensions: [...GOOD_ROOT, 'nameConstraints=critical,permitted;DNS:example.org'] },
      /name-constraints: /,
    ],
    ['other purposes', { extensions: [...GOOD_ROOT, 'extendedKeyUsage=codeSigning'] }, /extended-key-usage: /],
    [
      'an unknown critical extension',
      { extensions: [...GOOD_ROOT, '1.2.3.4=critical,ASN1:NULL'] },
      /critical-extension: .*1\.2\.3\.4/,
    ],
    ['several faults', { key: rsa2048, more: ['-sha1'] }, /public-key[^]*signature-algorithm/],
  ])('does not fit with %s', async (_, options, reason) => {
    await oldRoot(old, options);
    const { status, stderr } = await room.hold('import');
    expect(status).toBe(1);
    expect(stderr).toMatch(/ca\.crt does not fit/);
    expect(stderr).toMatch(reason);
  });

  it('fits with a serial number of more than 20 bytes, which is told, of issued ones too', async () => {
    await oldRoot(old, { more: ['-set_serial', `0x01${'AB'.repeat(20)}`] });
    expect(await room.done('import', '--rehearse')).toMatch(/serial-number: Its serial number has 21 bytes/);
    await opensslIntermediate(join(room.folder, 'issued'), old, { more: ['-set_serial', `0x02${'AB'.repeat(20)}`] });
    await writeFile(join(old, 'user.pem'), await readFile(join(room.folder, 'issued', 'ca.crt')));
    const told = await room.done('import', '--rehearse');
    expect(told).toMatch(/user\.pem \(CN=Old Intermediate\): Its serial number has 21 bytes/);
  });

  it('is opened whether its key is encrypted in the old or the new way, or not at all', async () => {
    await oldRoot(old, { key: rsa3072 });
    const key = join(old, 'ca.key');
    const plain = join(room.folder, 'plain.key');
    await rename(key, plain);
    for (const form of ['rsa -traditional -aes256', 'pkcs8 -topk8 -v2 aes-256-cbc']) {
      const passphrase = `pass:${passphrases.imported}`;
      await verifierOutput('openssl', [...form.split(' '), '-in', plain, '-out', key, '-passout', passphrase]);
      expect(await room.done('import', '--rehearse')).not.toMatch(/is not encrypted/);
    }
    await writeFile(join(room.folder, 'imported.passphrase'), 'another passphrase');
    expect((await room.hold('import')).stderr).toMatch(/The passphrase is wrong/);
  });

  it('does not fit when it has expired', async () => {
    await oldRoot(old, {});
    room.clock.advance(3651 * 86_400);
    expect((await room.hold('import')).stderr).toMatch(/validity: It expired on 20/);
  });

  it('is not taken with the key of another', async () => {
    await oldRoot(join(room.folder, 'other'), {});
    await oldRoot(old, {});
    await writeFile(join(old, 'ca.key'), await readFile(join(room.folder, 'other', 'ca.key')));
    expect((await room.hold('import')).stderr).toMatch(/is not the key of the certificate/);
  });

  it('is not guessed among several', async () => {
    await mkdir(old);
    expect((await room.hold('import')).stderr).toMatch(/holds 0 certificates of CAs and 0 private keys/);
  });
});

describe('an intermediate in PEM files', () => {
  const above = { name: 'old-vpn', root_certificate: 'root/ca.crt', root_crl: 'root.crl.pem' };
  let root: string;

  beforeEach(async () => {
    root = join(room.folder, 'root');
    await room.prepare(config({ more: `import: ${JSON.stringify({ from: 'old', ...above })}` }));
  });

  /** Below a root of ours, whose CRL has a number, as services want it. */
  async function belowOurs(options: { revoked: boolean }): Promise<void> {
    const now = new Date();
    const ours = await createRoot({ commonName: 'Old Root', algorithm: 'P-256', now });
    const intermediate = await createIntermediate(ours, { commonName: 'Old VPN CA', algorithm: 'P-256', now });
    await mkdir(root);
    await mkdir(old);
    await writeFile(join(root, 'ca.crt'), toPem('CERTIFICATE', ours.issuer.der));
    await writeFile(join(old, 'vpn.crt'), toPem('CERTIFICATE', intermediate.issuer.der));
    await writeFile(join(old, 'vpn.key'), await sealPrivateKey(intermediate.privateKey, passphrases.imported));
    const serialNumber = intermediate.issuer.certificate.tbs.serialNumber.toString('hex');
    const revoke = options.revoked ? [{ serialNumber, revokedAt: now, reason: 4 }] : [];
    const crl = await createRootCrl(ours, { now, validityDays: 90, revoke });
    await writeFile(join(room.folder, 'root.crl.pem'), toPem('X509 CRL', crl));
  }

  it('gets a folder that the signing service opens as it is', async () => {
    await belowOurs({ revoked: false });
    await room.done('import');
    const directory = room.path('intermediates', 'old-vpn');
    const passphrase = passphrases.intermediate;
    const keyStore = await KeyStore.open({
      directory,
      passphrases: [passphrase],
      active: 'intermediate',
      now: new Date(),
    });
    expect(keyStore.active.issuer.pathLength).toBe(0);
  });

  it('does not fit when its root has revoked it', async () => {
    await belowOurs({ revoked: true });
    expect((await room.hold('import')).stderr).toMatch(/revoked: The root has revoked it/);
  });

  it('does not fit with revocations that the log does not know', async () => {
    await belowOurs({ revoked: false });
    await writeFile(
      join(old, 'index.txt'),
      'R\t990101000000Z\t260101000000Z\tABCD\tunknown\t/CN=bob\n'.replace('99', '49'),
    );
    expect((await room.hold('import')).stderr).toMatch(/revocations: It has revoked 1 certificates/);
  });

  it.each([
    ['it outlives its root', { days: '4000' }, /outlives-root: /],
    [
      'it names another key',
      {
        extensions: [
          ...without('authority', GOOD_INTERMEDIATE),
          'authorityKeyIdentifier=none',
          '2.5.29.35=DER:30068004DEADBEEF',
        ],
      },
      /authority-key-identifier: It names another/,
    ],
    ['its serial number is too long', { more: ['-set_serial', `0x01${'AB'.repeat(20)}`] }, /serial-number: /],
  ])('does not fit when %s', async (_, options, reason) => {
    await oldRoot(root, {});
    await opensslIntermediate(old, root, options);
    await crlByOpenssl();
    const { stderr } = await room.hold('import');
    expect(stderr).toMatch(reason);
  });

  it("does not fit with a CRL of its root's that has no number", async () => {
    await oldRoot(root, {});
    await opensslIntermediate(old, root, {});
    await crlByOpenssl(false);
    expect((await room.hold('import')).stderr).toMatch(/has no CRL number/);
  });

  async function crlByOpenssl(numbered = true): Promise<void> {
    const file = (name: string) => join(room.folder, name);
    await writeFile(file('db'), '');
    await writeFile(file('number'), '01\n');
    const lines = ['[ca]', 'default_ca=c', '[c]', `database=${file('db')}`, 'default_md=sha256', 'crl_extensions=x'];
    if (numbered) lines.push(`crlnumber=${file('number')}`);
    await writeFile(file('ca.cnf'), [...lines, '[x]', 'authorityKeyIdentifier=keyid:always', ''].join('\n'));
    const ca = ['-cert', join(root, 'ca.crt'), '-keyfile', join(root, 'ca.key')];
    await verifierOutput('openssl', [
      'ca',
      '-gencrl',
      '-config',
      file('ca.cnf'),
      ...ca,
      '-crldays',
      '9',
      '-out',
      file('root.crl.pem'),
    ]);
  }
});
