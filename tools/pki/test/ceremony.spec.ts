import { createAuthority, crlEntries, crlNumberOf, onlyPemBlock, parseCrl, toPem } from '@libs/pki';
import { writeFile, readFile, readdir, chmod, copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CrlFiles } from '../../../apps/signing/src/crl/crl-files';
import { KeyStore } from '../../../apps/signing/src/key-store/key-store';
import { verifierOutput } from '../../../libs/pki/test/external-tools';
import { CeremonyRoom, config, passphrases } from './ceremony-room';

/** With a root, and an intermediate below it. */
const prepared = new CeremonyRoom();
beforeAll(async () => {
  await prepared.prepare(config({}));
  await prepared.done('init-root');
  await prepared.done('issue-intermediate');
});
afterAll(() => prepared.remove());

const another = '  name: vpn-2027\n  common_name: Example VPN CA 2027\n  key: P-256\n  validity_days: 1825';

let room: CeremonyRoom;
beforeEach(async () => {
  room = new CeremonyRoom();
  await room.prepare(config({}));
});
afterEach(() => room.remove());

const crlOf = async (number: string) =>
  parseCrl(onlyPemBlock(await room.read('root', 'crls', number, 'root.crl.pem'), 'X509 CRL'));

describe('a ceremony', () => {
  it('makes a folder that the signing service opens as it is', async () => {
    await room.copyFrom(prepared);
    const directory = room.path('intermediates', 'vpn-2026');
    const now = new Date();
    const options = { directory, passphrases: [passphrases.intermediate], active: 'intermediate', now };
    const keyStore = await KeyStore.open(options);
    expect(keyStore.active.issuer.pathLength).toBe(0);
    expect(keyStore.root.pathLength).toBe(1);
    expect((await new CrlFiles(keyStore).readRoot()).number).toBe(1n);
    await expect(KeyStore.open({ ...options, passphrases: [passphrases.root] })).rejects.toThrow(/passphrase is wrong/);
  });

  it('makes intermediates that the signing service takes beside each other', async () => {
    await room.copyFrom(prepared);
    await room.prepare(config({ intermediate: another }));
    await room.done('issue-intermediate');
    const directory = room.path('intermediates', 'vpn-2026');
    const beside = join(directory, 'issuers', 'vpn-2027');
    await mkdir(beside, { recursive: true, mode: 0o700 });
    for (const name of await readdir(room.path('intermediates', 'vpn-2027'))) {
      await copyFile(room.path('intermediates', 'vpn-2027', name), join(beside, name));
    }
    const passphrase = passphrases.intermediate;
    const keyStore = await KeyStore.open({ directory, passphrases: [passphrase], active: 'vpn-2027', now: new Date() });
    expect(keyStore.issuers).toHaveLength(2);
  });

  it.each(['P-384', 'Ed25519', 'RSA-3072'])(
    'of a %s root satisfies OpenSSL and GnuTLS, with a CRL that revokes the intermediate',
    async (key) => {
      await room.prepare(config({ root: key, crl: revokeIntermediate }));
      // The root cannot have issued what it is to revoke.
      expect((await room.hold('init-root')).stderr).toMatch(/a new root has not issued any/);
      await room.prepare(config({ root: key }));
      await room.done('init-root');
      await room.done('issue-intermediate');
      const [root, crl] = [room.path('root', 'root.crt'), room.path('root', 'crls', '0001', 'root.crl.pem')];
      const intermediate = room.path('intermediates', 'vpn-2026', 'intermediate.crt');
      const strictly = ['verify', '-x509_strict', '-no-CApath', '-no-CAstore', '-crl_check_all', '-CAfile', root];
      expect(await verifierOutput('openssl', [...strictly, '-CRLfile', crl, intermediate])).toMatch(/: OK/);
      expect(await certtoolVerdict(root, crl, intermediate)).toMatch(/Chain verification output: Verified/);
      await room.prepare(config({ root: key, crl: revokeIntermediate }));
      await room.done('sign-crl');
      const second = room.path('root', 'crls', '0002', 'root.crl.pem');
      await expect(verifierOutput('openssl', [...strictly, '-CRLfile', second, intermediate])).rejects.toThrow(
        /certificate revoked/,
      );
      expect(await certtoolVerdict(root, second, intermediate)).toMatch(/revoked/);
    },
  );

  const revokeIntermediate =
    '  revoked:\n    - certificate: ca/intermediates/vpn-2026/intermediate.crt\n      reason: key_compromise';

  async function certtoolVerdict(root: string, crl: string, certificate: string): Promise<string> {
    const load = ['--load-ca-certificate', root, '--load-crl', crl];
    return verifierOutput('certtool', ['--verify', ...load, '--infile', certificate]).catch((error: unknown) =>
      Object.values(error as Record<string, unknown>).join('\n'),
    );
  }

  it('numbers the CRLs of the root one above the other, and keeps what they name', async () => {
    await room.copyFrom(prepared);
    await room.prepare(
      config({
        crl: '  revoked:\n    - serial_number: 0a0B\n      reason: superseded\n      revoked_at: 2026-01-02T03:04:05Z',
      }),
    );
    await room.done('sign-crl');
    await room.prepare(config({ crl: '  revoked:\n    - serial_number: "0A0B"\n      reason: key_compromise' }));
    await room.done('sign-crl');
    await room.prepare(config({}));
    expect(await room.done('sign-crl')).toContain('revokes nothing that the last one did not');
    const crls = await Promise.all(['0001', '0002', '0003', '0004'].map(crlOf));
    expect(crls.map(crlNumberOf)).toEqual([1n, 2n, 3n, 4n]);
    const steps = crls.slice(1).map(({ thisUpdate }, index) => Number(thisUpdate) - Number(crls[index]?.thisUpdate));
    expect(Math.min(...steps)).toBeGreaterThanOrEqual(1000);
    for (const crl of crls.slice(1)) {
      expect([...crlEntries(crl)]).toEqual([
        { serialNumber: '0A0B', reason: 4, revokedAt: new Date('2026-01-02T03:04:05Z') },
      ]);
    }
  });

  it('leaves files and folders for their owner alone', async () => {
    await room.copyFrom(prepared);
    await room.done('sign-crl');
    const permissions = await room.permissions();
    const folders = [
      '',
      'root',
      'root/crls',
      'root/crls/0001',
      'root/crls/0002',
      'intermediates',
      'intermediates/vpn-2026',
      'transcripts',
    ];
    expect(
      Object.keys(permissions)
        .filter((name) => permissions[name] === '700')
        .sort(),
    ).toEqual(folders.sort());
    const others = Object.entries(permissions).filter(([name]) => !folders.includes(name));
    expect(others.length).toBeGreaterThan(10);
    expect(new Set(others.map(([, mode]) => mode))).toEqual(new Set(['600']));
  });

  it('overwrites nothing', async () => {
    await room.copyFrom(prepared);
    const key = await room.read('root', 'root.key.json');
    expect(await room.hold('init-root')).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/nothing is overwritten/),
    });
    expect(await room.read('root', 'root.key.json')).toBe(key);
    expect((await room.hold('issue-intermediate')).stderr).toMatch(/nothing is overwritten/);
    await room.prepare(
      config({ intermediate: '  name: other\n  common_name: Example VPN CA 2026\n  key: P-256\n  validity_days: 9' }),
    );
    expect((await room.hold('issue-intermediate')).stderr).toMatch(/vpn-2026 has the same name/);
    expect(await readdir(room.path('intermediates'))).toEqual(['vpn-2026']);
  });

  it('gives one root when two are made at the same time', async () => {
    const outcomes = await Promise.all([room.hold('init-root'), room.hold('init-root')]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual([0, 1]);
    expect((await readdir(room.output)).sort()).toEqual(['root', 'transcripts']);
    expect(await readdir(room.path('transcripts'))).toHaveLength(2);
  });

  it('does not sign an intermediate that would outlive its root', async () => {
    await room.prepare(config({}).replace('validity_days: 7300', 'validity_days: 1000'));
    await room.done('init-root');
    const { status, stderr } = await room.hold('issue-intermediate');
    expect(status).toBe(1);
    expect(stderr).toMatch(/would outlive its root.*may be 999 at most/);
    await room.prepare(config({ intermediate: '  name: a\n  common_name: A\n  key: P-256\n  validity_days: 999' }));
    await room.done('issue-intermediate');
    const [root, intermediate] = [
      await room.issuer('root', 'root.crt'),
      await room.issuer('intermediates', 'a', 'intermediate.crt'),
    ];
    expect(intermediate.notAfter.getTime()).toBeLessThanOrEqual(root.notAfter.getTime());
  });

  it('hands out no intermediate with an expired CRL', async () => {
    await room.copyFrom(prepared);
    await room.prepare(config({ intermediate: another }));
    room.clock.advance(181 * 86_400);
    expect((await room.hold('issue-intermediate')).stderr).toMatch(/CRL has expired.*run sign-crl first/);
    await room.done('sign-crl');
    await room.done('issue-intermediate');
  });

  it('revokes nothing that this root has not issued, and nothing in the future', async () => {
    await room.copyFrom(prepared);
    const algorithm = 'P-256';
    const names = { rootCommonName: 'Another Root', intermediateCommonName: 'Another CA' };
    const other = await createAuthority({ ...names, algorithm, now: new Date(), rootCrlValidityDays: 9 });
    await writeFile(join(room.folder, 'other.crt'), toPem('CERTIFICATE', other.intermediate.issuer.der));
    await room.prepare(config({ crl: '  revoked:\n    - certificate: other.crt\n      reason: superseded' }));
    expect((await room.hold('sign-crl')).stderr).toMatch(/not issued by this root/);
    await room.prepare(
      config({
        crl: '  revoked:\n    - serial_number: AB\n      reason: superseded\n      revoked_at: 2999-01-01T00:00:00Z',
      }),
    );
    expect((await room.hold('sign-crl')).stderr).toMatch(/yet to come/);
    expect(await readdir(room.path('root', 'crls'))).toEqual(['0001']);
  });
});

describe('passphrases', () => {
  it('have at least 16 characters', async () => {
    await writeFile(join(room.folder, 'root.passphrase'), 'fifteen letters\n');
    expect(await room.hold('init-root')).toMatchObject({ status: 1, stderr: expect.stringMatching(/fewer than 16/) });
    expect(await readdir(room.folder)).not.toContain('ca');
  });

  it('differ from key to key', async () => {
    await room.copyFrom(prepared);
    await room.prepare(config({ intermediate: another }));
    await writeFile(join(room.folder, 'intermediate.passphrase'), passphrases.root);
    expect((await room.hold('issue-intermediate')).stderr).toMatch(/each key gets its own/);
  });

  it('are not taken from a file that others can read', async () => {
    await chmod(join(room.folder, 'root.passphrase'), 0o640);
    expect((await room.hold('init-root')).stderr).toMatch(/open to other users/);
  });

  it('do not stand anywhere in what is made or told', async () => {
    const told = [await room.done('init-root'), await room.done('issue-intermediate')];
    for (const name of await readdir(room.output, { recursive: true })) {
      told.push(await readFile(room.path(name), 'utf8').catch(() => ''));
    }
    for (const passphrase of [passphrases.root, passphrases.intermediate]) {
      expect(told.join('\n')).not.toContain(passphrase);
    }
  });

  it('are missed where there is neither terminal nor file', async () => {
    const { status, stderr } = await room.run('init-root', '--config', join(room.folder, 'ceremony.yaml'));
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(/no terminal to ask/) });
  });
});
