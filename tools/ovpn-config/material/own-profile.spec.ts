import { createAuthority, createCsr, generateKeyPair, toPem, type KeyPair } from '@libs/pki';
import { contentOf, issue } from '../../../libs/pki/test/fixtures';
import { spkiOf } from '@libs/pki';
import type { DeviceKey } from './device-key';
import { withOwnKey } from './own-profile';

let key: DeviceKey;
let other: DeviceKey;
let certificate: string;

beforeAll(async () => {
  const names = { rootCommonName: 'Test Root', intermediateCommonName: 'Test CA' };
  const pki = await createAuthority({ ...names, algorithm: 'P-256', now: new Date(), rootCrlValidityDays: 9 });
  const pair = await generateKeyPair('P-256');
  key = deviceKey(pair);
  other = deviceKey(await generateKeyPair('P-256'));
  const content = { ...(await contentOf('user')), spki: spkiOf(pair.publicKey) };
  certificate = toPem('CERTIFICATE', await issue(pki.intermediate, content));
});

function deviceKey(pair: KeyPair): DeviceKey {
  return {
    privateKeyPem: pair.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    csrPem: toPem('CERTIFICATE REQUEST', createCsr(pair, 'x')),
  };
}

const block = (name: string, content: string) => `<${name}>\n${content.trim()}\n</${name}>\n`;

describe('a profile that came without a key', () => {
  it('gets the key behind its certificates, and is otherwise as it came', () => {
    const profile = `client\n${block('cert', certificate)}${block('extra-certs', certificate)}# proof\n`;
    const whole = withOwnKey(profile, key);
    expect(whole.replace(block('key', key.privateKeyPem), '')).toBe(profile);
    expect(whole.indexOf('<key>')).toBeGreaterThan(whole.indexOf('</extra-certs>'));
    expect(withOwnKey(`client\n${block('cert', certificate)}`, key)).toContain(
      `</cert>\n${block('key', key.privateKeyPem)}`,
    );
  });

  it('is not taken for another key, with a key of its own, or when its certificate is not clear', () => {
    const profile = `client\n${block('cert', certificate)}`;
    expect(() => withOwnKey(profile, other)).toThrow(/not for the key that was made here/);
    expect(() => withOwnKey(`${profile}${block('key', other.privateKeyPem)}`, key)).toThrow(/came with a key/);
    expect(() => withOwnKey(`${profile}key /etc/key\n`, key)).toThrow(/came with a key/);
    expect(() => withOwnKey(`${profile}${block('cert', certificate)}`, key)).toThrow(/two <cert> blocks/);
    expect(() => withOwnKey('client\n', key)).toThrow(/no certificate/);
  });
});
