import { parseConfiguration } from './directives';
import { assembleProfile, fileNameOf, InvalidMaterial } from './profile';
import type { ProfileMaterial } from './profile';
import { generateTlsCryptV2ClientKey, generateTlsCryptV2ServerKey, printTlsCryptV2ClientKey } from './tls-crypt-v2';

const pem = (label: string, content: string) => `-----BEGIN ${label}-----\n${content}\n-----END ${label}-----\n`;
const TLS_KEY = printTlsCryptV2ClientKey(
  generateTlsCryptV2ClientKey(generateTlsCryptV2ServerKey(), { type: 'timestamp', seconds: 1n }),
);
const MATERIAL: ProfileMaterial = {
  root: pem('CERTIFICATE', 'Um9vdA=='),
  intermediate: pem('CERTIFICATE', 'SW50ZXI='),
  certificate: pem('CERTIFICATE', 'TGVhZg=='),
  privateKey: pem('PRIVATE KEY', 'S2V5'),
  controlChannel: { kind: 'tls-crypt-v2', key: `${TLS_KEY}\n\n` },
  comments: '# a\n# b\n',
};

describe('a profile', () => {
  it('has root, leaf, intermediate and keys each in its own block', () => {
    const { blocks, directives, unclosed } = parseConfiguration(assembleProfile('client\nverb 3\n', MATERIAL));
    expect(directives.map((directive) => directive.name)).toEqual(['client', 'verb']);
    expect(blocks.map((block) => block.name)).toEqual(['ca', 'cert', 'extra-certs', 'key', 'tls-crypt-v2']);
    expect(blocks.map((block) => block.content[1])).toEqual([
      'Um9vdA==',
      'TGVhZg==',
      'SW50ZXI=',
      'S2V5',
      expect.stringMatching(/^[A-Za-z0-9+/]{64}$/),
    ]);
    expect(unclosed).toBeUndefined();
  });

  it('ends the tls-crypt block without a blank line, and itself with the comments', () => {
    const profile = assembleProfile('client', MATERIAL);
    expect(profile).toContain('-----END OpenVPN tls-crypt-v2 client key-----\n</tls-crypt-v2>\n# a\n# b\n');
    expect(profile.endsWith('# b\n')).toBe(true);
  });

  it('leaves out a key that it does not know', () => {
    const { privateKey, ...others } = MATERIAL;
    expect(assembleProfile('client', MATERIAL)).toContain(privateKey);
    expect(assembleProfile('client', others)).not.toContain('<key>');
  });

  it.each<[string, Partial<ProfileMaterial>]>([
    ['an empty root', { root: '' }],
    ['a key where a certificate belongs', { certificate: MATERIAL.privateKey ?? '' }],
    ['two certificates in one block', { certificate: MATERIAL.root + MATERIAL.certificate }],
    ['a block end inside the material', { root: pem('CERTIFICATE', 'QQ==\n</ca>\nup /bin/sh\n<ca>') }],
    ['a comment that is a directive', { comments: '# a\nup /bin/sh\n' }],
    ['a comment of more than 254 bytes', { comments: `# ${'x'.repeat(253)}\n` }],
  ])('refuses %s', (_, change) => {
    expect(() => assembleProfile('client', { ...MATERIAL, ...change })).toThrow(InvalidMaterial);
  });
});

describe('a file name', () => {
  it.each([
    ['Ada Lovelace', 'Ada-Lovelace'],
    ['../../etc/passwd', 'etc-passwd'],
    ['a"; filename="x.exe', 'a-filename-x.exe'],
    ['Zoë\r\nX: y', 'Zoe-X-y'],
    ['…', 'openvpn'],
    ['x'.repeat(200), 'x'.repeat(64)],
  ])('of %j is %j', (text, name) => {
    expect(fileNameOf(text)).toBe(name);
  });
});
