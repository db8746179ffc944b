import { spawnSync } from 'node:child_process';
import { X509Certificate, createPrivateKey, createPublicKey } from 'node:crypto';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateNoteKey, printVerifierKey } from '@libs/tlog';
import { TestBrowser, signIn } from '@libs/testing';
import { Desk, type Outcome } from '../../tools/ovpn-config/test/desk';
import { ApiSession } from '../support/api-session';
import { ProfileFile } from '../support/profile-file';
import { createPsk } from '../support/requests';
import { readTarGz } from '../support/tar-gz';
import { TestProduct } from './support/test-product';

const otherLog = printVerifierKey(generateNoteKey('log.example/other').verifier);

describe('ovpn-config against the whole product', () => {
  let product: TestProduct;
  let admin: ApiSession;
  let desk: Desk;

  beforeAll(async () => {
    product = await TestProduct.start();
    admin = await ApiSession.signIn(product.frontendUrl, 'admin');
  });
  afterAll(() => product.close());

  beforeEach(() => {
    desk = new Desk({ OVPN_CONFIG_URL: product.frontendUrl, OVPN_CONFIG_LOG_KEYS: product.data.logVerifierKey() });
    desk.openBrowser = (url) => void signIn(new TestBrowser(), url, 'user');
  });
  afterEach(() => desk.remove());

  const browser = ['--login', 'browser'];
  const done = async (...argv: string[]): Promise<Outcome> => {
    const outcome = await desk.run(...argv);
    if (outcome.status !== 0) throw new Error(outcome.stderr);
    return outcome;
  };
  const profileIn = async (name: string) => new ProfileFile(await desk.read(name));
  const keyMatches = (certificate: X509Certificate, key: string): boolean =>
    certificate.publicKey.equals(createPublicKey(createPrivateKey(key)));

  describe('get profile', () => {
    it('signs in by a browser and keeps a key that was made here, in a file for its owner alone', async () => {
      const { stdout, stderr } = await done(
        'get',
        'profile',
        ...browser,
        '-o',
        desk.path('me.ovpn'),
        '--device-name',
        'Desk',
      );
      expect(stdout).toBe('');
      expect(stderr).toMatch(
        /^Sign in here, in a browser of this machine:\n\n {2}http\S+code_challenge_method=S256\S+\n\n$/,
      );
      const profile = await profileIn('me.ovpn');
      expect(keyMatches(profile.certificate, profile.block('key'))).toBe(true);
      expect(await desk.mode('me.ovpn')).toBe('600');
      expect(await readdir(desk.folder)).toEqual(['me.ovpn']);
      profile.verifyReceipt(product.data.logVerifierKey());
    });

    it('is what OpenVPN reads without a complaint', async () => {
      await done('get', 'profile', ...browser, '-o', desk.path('me.ovpn'), '--option', 'full-tunnel');
      expect(await desk.read('me.ovpn')).toContain('redirect-gateway');
      const here = (await desk.read('me.ovpn')).replace(/^remote .*$/m, 'remote 127.0.0.1 9');
      const config = ['--config', await desk.write('here.ovpn', here), '--dev', 'null', '--ifconfig-noexec'];
      const once = ['--route-noexec', '--connect-retry-max', '1', '--server-poll-timeout', '1'];
      const { stdout } = spawnSync('openvpn', [...config, ...once], { encoding: 'utf8', timeout: 20_000 });
      expect(stdout).toMatch(/link remote: \[AF_INET\]127\.0\.0\.1:9/);
      expect(stdout).not.toMatch(/options error|warning|cannot load|mismatch/i);
    });

    it('writes to standard output for -o -, and tells a watcher how far it is elsewhere', async () => {
      desk.isWatched = true;
      const { stdout, stderr } = await done('get', 'profile', ...browser, '-o', '-', '--key', 'Ed25519');
      const profile = new ProfileFile(stdout);
      expect(profile.certificate.publicKey.asymmetricKeyType).toBe('ed25519');
      expect(stderr).toMatch(/Signed in\.\nThe certificate stands in the log, at index \d+\.\n$/);
    });

    it('signs in by a code on another device', async () => {
      const person = await ApiSession.signIn(product.frontendUrl, 'user');
      desk.meanwhile = () => allowDevice(person, desk.stderr);
      await done('get', 'profile', '--login', 'device', '-o', desk.path('me.ovpn'));
      expect((await profileIn('me.ovpn')).block('key')).toContain('PRIVATE KEY');
      expect(desk.pauses.length).toBeGreaterThan(0);
    });

    it('is told when the person refuses', async () => {
      const person = await ApiSession.signIn(product.frontendUrl, 'user');
      desk.meanwhile = () => allowDevice(person, desk.stderr, 'refused');
      const { status, stderr } = await desk.run('get', 'profile', '--login', 'device', '-o', desk.path('me.ovpn'));
      expect(status).toBe(3);
      expect(stderr).toMatch(/refused/);
    });

    it('keeps nothing that the pinned log does not vouch for', async () => {
      const { status, stderr } = await desk.run(
        'get',
        'profile',
        ...browser,
        '-o',
        desk.path('me.ovpn'),
        '--log-key',
        otherLog,
      );
      expect(status).toBe(6);
      expect(stderr).toMatch(/not proven/);
      expect(await readdir(desk.folder)).toEqual([]);
    });

    it('overwrites nothing, and asks for nothing that it could not keep', async () => {
      await desk.write('me.ovpn', 'mine');
      let asked = false;
      desk.openBrowser = () => (asked = true);
      expect(await desk.run('get', 'profile', ...browser, '-o', desk.path('me.ovpn'))).toMatchObject({
        status: 7,
        stderr: expect.stringMatching(/--force/),
      });
      expect(await desk.run('get', 'profile', ...browser, '-o', desk.path('none/me.ovpn'))).toMatchObject({
        status: 7,
      });
      expect(asked).toBe(false);
      expect(await desk.read('me.ovpn')).toBe('mine');
    });

    it('is refused an option that there is not', async () => {
      const outcome = await desk.run('get', 'profile', ...browser, '-o', desk.path('me.ovpn'), '--option', 'none');
      expect(outcome.status).toBe(4);
    });
  });

  describe('what a person does with certificates', () => {
    it('is listed, renewed and revoked', async () => {
      await done('get', 'profile', ...browser, '-o', desk.path('me.ovpn'), '--device-name', 'Old laptop');
      const old = await profileIn('me.ovpn');
      expect((await desk.run('renew', desk.path('me.ovpn'), ...browser)).status).toBe(7);
      desk.isWatched = true;
      const { stderr } = await done('renew', desk.path('me.ovpn'), ...browser, '--if-expires-within', '1');
      expect(stderr).toMatch(/nothing to do/);
      await done('renew', desk.path('me.ovpn'), ...browser, '--force');
      const renewed = await profileIn('me.ovpn');
      expect(renewed.fingerprint).not.toBe(old.fingerprint);
      expect(keyMatches(renewed.certificate, renewed.block('key'))).toBe(true);
      const listed = JSON.parse((await done('list', '--json', ...browser)).stdout) as Record<string, unknown>[];
      expect(listed.find(({ fingerprint }) => fingerprint === old.fingerprint)).toMatchObject({
        renewed_by: renewed.fingerprint,
      });
      await done('revoke', desk.path('me.ovpn'), ...browser, '--reason', 'key_compromise');
      await done('revoke', old.fingerprint.slice(0, 12), ...browser);
      const { stdout } = await done('list', ...browser);
      expect(stdout).toMatch(/^STATE +EXPIRES +DEVICE +OPTIONS +FINGERPRINT\n/);
      for (const { fingerprint } of [old, renewed]) {
        expect(stdout).toMatch(new RegExp(`^revoked .*Old laptop .*${fingerprint}$`, 'm'));
      }
    });

    it('does not reach what is not there', async () => {
      expect(await desk.run('revoke', 'f'.repeat(64), ...browser)).toMatchObject({ status: 4 });
      expect(await desk.run('revoke', 'f'.repeat(12), ...browser)).toMatchObject({ status: 4 });
      expect(await desk.run('revoke', desk.path('none'), ...browser)).toMatchObject({ status: 2 });
    });
  });

  describe('what machines fetch', () => {
    const pskFile = async (kind: 'server' | 'computer'): Promise<string> => {
      const secret = await createPsk(admin, { kind, common_name: kind === 'server' ? 'vpn.example.org' : 'backup' });
      return desk.write('psk', `${secret}\n`);
    };

    it("is a server's folder, complete, with a key that was made here", async () => {
      const psk = ['--psk-file', await pskFile('server')];
      await done('get', 'server-bundle', ...psk, '-o', desk.path('server'));
      const names = await readdir(desk.path('server'));
      expect(names).toEqual(expect.arrayContaining(['ca-chain.crt', 'server.crt', 'server.key', 'crl.pem']));
      expect([
        await desk.mode('server'),
        await desk.mode('server/server.key'),
        await desk.mode('server/crl.pem'),
      ]).toEqual(['755', '600', '644']);
      const certificate = new X509Certificate(await desk.read('server/server.crt'));
      expect(keyMatches(certificate, await desk.read('server/server.key'))).toBe(true);
      expect((await desk.run('get', 'server-bundle', ...psk, '-o', desk.path('server'))).status).toBe(7);
      await done('get', 'server-bundle', ...psk, '-o', desk.path('server'), '--if-expires-within', '30');
      expect(new X509Certificate(await desk.read('server/server.crt')).serialNumber).toBe(certificate.serialNumber);
      await done('get', 'server-bundle', ...psk, '-o', desk.path('server'), '--if-expires-within', '3000');
      const next = new X509Certificate(await desk.read('server/server.crt'));
      expect(next.serialNumber).not.toBe(certificate.serialNumber);
      expect(keyMatches(next, await desk.read('server/server.key'))).toBe(true);
      expect(await readdir(desk.path('server'))).toEqual(names);
    });

    it('is an archive where it is called one', async () => {
      const psk = ['--psk-file', await pskFile('server')];
      await done('get', 'server-bundle', ...psk, '-o', desk.path('server.tgz'));
      const { stdout } = await done('get', 'server-bundle', ...psk, '-o', '-');
      await writeFile(desk.path('out.tgz'), Buffer.from(stdout, 'latin1'));
      for (const name of ['server.tgz', 'out.tgz']) {
        const files = await readTarGz(await readFile(desk.path(name)));
        expect(files.get('server.key')).toMatchObject({
          mode: 0o600,
          text: expect.stringMatching(/BEGIN PRIVATE KEY/),
        });
      }
    });

    it('is a profile for a computer', async () => {
      await desk.write('config.yaml', '');
      await mkdir(desk.path('ovpn-config'));
      await pskFile('computer');
      await desk.write(join('ovpn-config', 'config.yaml'), 'psk_file: ../psk\n');
      await done('get', 'computer-profile', '-o', desk.path('backup.ovpn'));
      const profile = await profileIn('backup.ovpn');
      expect(profile.certificate.subject).toBe('CN=backup');
      expect(keyMatches(profile.certificate, profile.block('key'))).toBe(true);
    });

    it('is refused without the right pre-shared key', async () => {
      const wrong = await desk.write('wrong', `ovpsk_${'A'.repeat(43)}`);
      const server = ['get', 'server-bundle', '-o', desk.path('server'), '--psk-file'];
      expect(await desk.run(...server, wrong)).toMatchObject({ status: 3 });
      expect(await desk.run(...server, await pskFile('computer'))).toMatchObject({ status: 4 });
      expect(await readdir(desk.folder)).not.toContain('server');
    });
  });

  async function allowDevice(person: ApiSession, told: string, decision = 'approved'): Promise<void> {
    const code = /^ {2}([A-Z0-9]{4}-[A-Z0-9]{4})$/m.exec(told)?.[1] ?? '';
    const page = await person.browser.get(`${product.frontendUrl}/device?user_code=${code}`);
    const csrf = /name="_csrf" value="([\w-]+)"/.exec(page.body)?.[1] ?? '';
    await person.browser.post(`${product.frontendUrl}/device`, { _csrf: csrf, user_code: code, decision });
  }
});
