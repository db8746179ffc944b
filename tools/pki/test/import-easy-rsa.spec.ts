import { crlEntries, onlyPemBlock, parseCertificate, parseCrl } from '@libs/pki';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { verifierOutput } from '../../../libs/pki/test/external-tools';
import { CeremonyRoom, config, passphrases } from './ceremony-room';
import { easyRsa } from './existing-cas';

const curve = { EASYRSA_ALGO: 'ec', EASYRSA_CURVE: 'secp384r1', EASYRSA_DIGEST: 'sha384' };
const yaml = config({ more: 'import: { from: . }' });

let room: CeremonyRoom;
beforeEach(async () => {
  room = new CeremonyRoom();
  await room.prepare(yaml);
});
afterEach(() => room.remove());

const make = (variables: NodeJS.ProcessEnv, ...argv: string[]) => easyRsa(room.folder, variables, ...argv);

describe("easy-rsa's CA", () => {
  it('becomes our root with its encrypted key and what it has revoked, and then issues an intermediate', async () => {
    await make(curve, 'init-pki');
    const passphrase = {
      ...curve,
      EASYRSA_PASSIN: `pass:${passphrases.imported}`,
      EASYRSA_PASSOUT: `pass:${passphrases.imported}`,
    };
    await make({ ...passphrase, EASYRSA_REQ_CN: 'Old VPN CA' }, 'build-ca');
    for (const name of ['alice', 'bob', 'carol']) await make(passphrase, 'build-client-full', name, 'nopass');
    await make(passphrase, 'revoke', 'bob', 'keyCompromise');
    await make(passphrase, 'gen-crl');
    // Revoked after the last CRL: only the database knows.
    await make(passphrase, 'revoke', 'carol', 'superseded');
    expect((await room.hold('import')).stderr).toMatch(/too young to be replaced: try again in \d+ seconds/);
    room.clock.advance(60);
    const told = await room.done('import');
    expect(told).toMatch(/path-length: Its path length is not limited/);
    expect(told).toMatch(/basic-constraints: .* not critical/);
    expect(told).toMatch(/CN=alice was issued by the root itself/);
    const crl = parseCrl(onlyPemBlock(await room.read('root', 'crls', '0001', 'root.crl.pem'), 'X509 CRL'));
    expect([...crlEntries(crl)].map(({ reason }) => reason)).toEqual([1, 4]);
    await room.done('issue-intermediate');
    const root = room.path('root', 'root.crt');
    const checks = [
      'verify',
      '-CAfile',
      root,
      '-crl_check_all',
      '-CRLfile',
      room.path('root', 'crls', '0001', 'root.crl.pem'),
    ];
    const issued = (name: string) => join(room.folder, 'pki', 'issued', `${name}.crt`);
    const intermediate = room.path('intermediates', 'vpn-2026', 'intermediate.crt');
    expect(await verifierOutput('openssl', [...checks, intermediate, issued('alice')])).toMatch(/OK[^]*OK/);
    const bob = join(room.folder, 'pki', 'revoked', 'certs_by_serial');
    for (const name of await readdir(bob)) {
      await expect(verifierOutput('openssl', [...checks, join(bob, name)])).rejects.toThrow(/revoked/);
    }
  });

  it('is told to have too small a key, as easy-rsa makes it when it is not told otherwise', async () => {
    await make({}, 'init-pki');
    await make({ EASYRSA_REQ_CN: 'Old VPN CA' }, 'build-ca', 'nopass');
    const { status, stderr } = await room.hold('import');
    expect(status).toBe(1);
    expect(stderr).toMatch(/public-key: The RSA key has 2048 bits; 3072 to 8192 are accepted\. It is rsa 2048\./);
    expect(await readdir(room.folder)).not.toContain('ca');
  });

  it('is looked at in a rehearsal, which takes nothing over', async () => {
    await make(curve, 'init-pki');
    await make({ ...curve, EASYRSA_REQ_CN: 'Old VPN CA' }, 'build-ca', 'nopass');
    const told = await room.done('import', '--rehearse');
    expect(told).toMatch(/ca\.key is not encrypted: destroy it/);
    expect(told).toMatch(/A rehearsal takes nothing over/);
    expect(await readdir(room.folder)).not.toContain('ca');
    expect(await readdir(`${room.output}.rehearsal`)).toEqual(['transcripts']);
  });

  it('is told when database and files differ, and when a database cannot be read', async () => {
    await make(curve, 'init-pki');
    await make({ ...curve, EASYRSA_REQ_CN: 'Old VPN CA' }, 'build-ca', 'nopass');
    await make(curve, 'build-client-full', 'alice', 'nopass');
    const index = join(room.folder, 'pki', 'index.txt');
    const line = await readFile(index, 'utf8');
    const alice = parseCertificate(
      onlyPemBlock(await readFile(join(room.folder, 'pki', 'issued', 'alice.crt'), 'utf8'), 'CERTIFICATE'),
    );
    const serial = alice.tbs.serialNumber.toString('hex').toUpperCase().replace(/^00/, '');
    await writeFile(index, line.replace(serial, 'ABCD'));
    const told = await room.done('import', '--rehearse');
    expect(told).toMatch(/not-in-index: .*alice\.crt/);
    expect(told).toMatch(/not-in-folder: ABCD/);
    await writeFile(index, line.replace('V\t', 'X\t'));
    expect((await room.hold('import', '--rehearse')).stderr).toMatch(/line 1 of index\.txt has an unknown state/);
    await writeFile(index, line.replace(/^V\t(\w+)\t\t\w+/, `R\t$1\t260101000000Z\t${'AB'.repeat(21)}`));
    expect((await room.hold('import', '--rehearse')).stderr).toMatch(/revoked-serial: .*no CRL of ours can name/);
  });
});
