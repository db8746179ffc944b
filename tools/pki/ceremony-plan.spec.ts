import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parsePlan } from './ceremony-plan';
import { config } from './test/ceremony-room';

const plan = (text: string) => parsePlan(Buffer.from(text), '/media/usb/ceremony.yaml');
const problemsOf = (text: string): string[] => {
  try {
    plan(text);
    return [];
  } catch (error) {
    return (error as Error).message.split('\n  - ').slice(1);
  }
};

describe('a ceremony file', () => {
  it('is read with paths that count from its own folder', () => {
    const text = config({
      crl: '  revoked:\n    - { certificate: old.crt, reason: superseded }',
      more: 'import: { from: /old/pki }',
    });
    expect(plan(text)).toMatchObject({
      path: '/media/usb/ceremony.yaml',
      output: '/media/usb/ca',
      root: { commonName: 'Example VPN Root CA', key: 'P-384', validityDays: 7300 },
      crl: { validityDays: 180, revoked: [{ certificate: { path: '/media/usb/old.crt' }, reason: 'superseded' }] },
      import: { from: '/old/pki', name: undefined },
    });
  });

  it('is the example that stands in the documentation', () => {
    const text = readFileSync(join(__dirname, '..', '..', 'examples', 'ceremony.yaml'), 'utf8');
    expect(problemsOf(text)).toEqual([]);
    const everything = text.replace(
      /^( *)# ((?: *)(?:revoked:|- |reason: super|revoked_at|import:|from:|name:|root_|# For))/gm,
      '$1$2',
    );
    expect(problemsOf(everything)).toEqual([]);
    expect(plan(everything)).toMatchObject({
      crl: { revoked: [{ reason: 'superseded' }] },
      import: { name: 'old-vpn' },
    });
  });

  it('asks for an intermediate with a key of its own, without a root', () => {
    const text = readFileSync(join(__dirname, '..', '..', 'examples', 'intermediate-request.yaml'), 'utf8');
    expect(plan(text)).toMatchObject({ request: { name: 'vpn-2027', key: 'P-256' }, root: undefined, crl: undefined });
    expect(problemsOf('version: 1\noutput: ca')).toEqual(['crl is missing']);
  });

  it('tells every problem at once', () => {
    const text = `version: 2
output: ca
surprise: yes
root: { common_name: "", key: RSA-2048, validity_days: ten, path_length: 3 }
intermediate: { name: ../up, common_name: REHEARSAL CA, key: P-256, validity_days: 99999 }
crl:
  validity_days: 0
  revoked:
    - { serial_number: XYZ, reason: certificate_hold }
    - { certificate: a, serial_number: 01, reason: bored, revoked_at: yesterday }
`;
    expect(problemsOf(text)).toEqual([
      'version is not 1, the only one that this tool knows',
      'root.common_name is empty',
      'root.key is none of P-256, P-384, Ed25519, RSA-3072, RSA-4096',
      'root.validity_days is not a whole number from 1 to 18300',
      'root.path_length is not known here',
      'intermediate.name has other characters than letters, digits, dots, hyphens and underscores',
      'intermediate.common_name begins with the mark of rehearsals',
      'intermediate.validity_days is not a whole number from 1 to 7320',
      'crl.validity_days is not a whole number from 1 to 1098',
      'crl.revoked[0].serial_number is not 1 to 20 bytes in hexadecimal',
      'crl.revoked[0].reason does not exist here, because a revoked certificate stays revoked',
      'crl.revoked[1].certificate or serial_number must be given, one of them',
      expect.stringMatching(/^crl\.revoked\[1\]\.reason is none of unspecified, /),
      'crl.revoked[1].revoked_at is not a time like 2026-11-24T12:00:00Z',
      'surprise is not known here\n'.trim(),
    ]);
  });

  it.each([
    ['a key twice', 'version: 1\nversion: 1', /Map keys must be unique/],
    ['a reference', 'version: &one 1\noutput: *one', /references/],
    ['two documents', 'version: 1\n---\nversion: 1', /multiple documents/],
    ['a tag of its own', 'version: !number 1', /Unresolved tag/],
    ['a list', '- version', /not a mapping/],
    ['nothing', '', /not a mapping/],
    ['no YAML', 'version: [', /Flow sequence/],
  ])('is refused with %s', (_, text, reason) => {
    expect(problemsOf(text)[0]).toMatch(reason);
  });

  it('gives root and intermediate different names, which leave room for the mark of rehearsals', () => {
    expect(problemsOf(config({}).replace('Example VPN CA 2026', 'Example VPN Root CA'))).toEqual([
      'intermediate.common_name is that of the root: CRLs are found by it',
    ]);
    expect(problemsOf(config({}).replace('Example VPN CA 2026', 'x'.repeat(54)))).toEqual([]);
    expect(problemsOf(config({}).replace('Example VPN CA 2026', 'x'.repeat(55)))[0]).toMatch(/longer than 64/);
  });
});
