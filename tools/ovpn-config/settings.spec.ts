import { mkdir } from 'node:fs/promises';
import type { Variables } from '@libs/config';
import { generateNoteKey, printVerifierKey } from '@libs/tlog';
import { type Settings, settingsOf } from './settings';
import { type RawSettings, gatherSettings } from './settings-sources';
import { Desk } from './test/desk';

const logKey = printVerifierKey(generateNoteKey('log.example/vpn').verifier);
let desk: Desk;
beforeEach(async () => {
  desk = new Desk();
  await mkdir(desk.path('ovpn-config'));
});
afterEach(() => desk.remove());

async function settings(flags: RawSettings, environment: Variables = {}, file?: string): Promise<Settings> {
  const surroundings = { ...desk.surroundings(), environment: { XDG_CONFIG_HOME: desk.folder, ...environment } };
  return settingsOf(await gatherSettings(flags, file, surroundings));
}

describe('settings', () => {
  it('are decided by flags, then variables, then the file of the user, then that of the machine', async () => {
    const url = (name: string) => `https://${name}.example.org`;
    await desk.write('system.yaml', `url: ${url('system')}\ndevice_name: System\nkey: Ed25519\noptions: [a, b]\n`);
    expect(await settings({})).toMatchObject({ url: url('system'), keyAlgorithm: 'Ed25519', options: ['a', 'b'] });
    await desk.write('ovpn-config/config.yaml', `url: ${url('user')}/\ndevice_name: User\n`);
    expect(await settings({})).toMatchObject({ url: url('user'), deviceName: 'User', keyAlgorithm: 'Ed25519' });
    const variables = { OVPN_CONFIG_URL: url('variable'), OVPN_CONFIG_OPTIONS: 'c, d', OVPN_CONFIG_KEY: '' };
    expect(await settings({}, variables)).toMatchObject({
      url: url('variable'),
      options: ['c', 'd'],
      deviceName: 'User',
    });
    const flags = { url: [url('flag')], options: ['e'] };
    expect(await settings(flags, variables)).toMatchObject({
      url: url('flag'),
      options: ['e'],
      keyAlgorithm: 'Ed25519',
    });
  });

  it('may come from another file in the place of the user’s, which must be there', async () => {
    await desk.write('ovpn-config/config.yaml', 'url: https://user.example.org\n');
    const other = await desk.write('other.yaml', 'url: https://other.example.org\n');
    expect(await settings({}, {}, other)).toMatchObject({ url: 'https://other.example.org' });
    expect(await settings({}, { OVPN_CONFIG_FILE: other })).toMatchObject({ url: 'https://other.example.org' });
    await expect(settings({}, {}, desk.path('none'))).rejects.toMatchObject({ status: 2 });
  });

  it('name files from the folder of the file that names them', async () => {
    await desk.write('key', `# the log\n${logKey}\n`);
    await desk.write('ovpn-config/config.yaml', 'url: https://vpn.example.org\nlog_key_file: ../key\npsk_file: psk\n');
    expect(await settings({})).toMatchObject({
      verifiers: [expect.anything()],
      pskFile: desk.path('ovpn-config/psk'),
    });
  });

  it('have defaults', async () => {
    expect(await settings({ url: ['https://vpn.example.org/path/'] })).toEqual({
      url: 'https://vpn.example.org/path',
      ca: undefined,
      verifiers: [],
      login: undefined,
      keyAlgorithm: 'P-256',
      deviceName: undefined,
      options: [],
      pskFile: undefined,
      timeoutMs: 60_000,
    });
  });

  it('tell every unknown or malformed key of a file', async () => {
    const path = await desk.write('ovpn-config/config.yaml', 'ulr: x\nurl: ""\npsk: secret\n');
    await expect(settings({})).rejects.toMatchObject({
      status: 2,
      message: `${path} is not usable:\n  - url is empty\n  - ulr is not known here\n  - psk is not known here`,
    });
  });

  it.each([
    ['no url', {}, /Say where the frontend is/],
    ['no URL in url', { url: ['vpn'] }, /not a URL/],
    ['plain HTTP to elsewhere', { url: ['http://vpn.example.org'] }, /must begin with https/],
    ['a password in the URL', { url: ['https://me:secret@vpn.example.org'] }, /must not have a user name/],
    ['an unknown key algorithm', { key: ['RSA-1024'] }, /key is none of/],
    ['an unknown login', { login: ['none'] }, /login is none of/],
    ['no time', { timeout_seconds: ['0'] }, /timeout_seconds/],
    ['no CA file', { ca_file: ['/none'] }, /cannot be read/],
    ['a key of the log that is none', { log_keys: ['log'] }, /log's keys are not usable/],
  ])('are refused with %s', async (_, raw, message) => {
    const url: RawSettings = _ === 'no url' ? {} : { url: ['https://vpn.example.org'] };
    const result = settings({ ...url, ...raw });
    await expect(result).rejects.toMatchObject({ status: 2, message: expect.stringMatching(message) });
    await expect(result).rejects.not.toMatchObject({ message: expect.stringMatching(/secret/) });
  });

  it('may use plain HTTP on this machine itself', async () => {
    for (const host of ['localhost:8600', '127.0.0.1', '[::1]:1']) {
      expect((await settings({ url: [`http://${host}`] })).url).toBe(`http://${host}`);
    }
  });
});
