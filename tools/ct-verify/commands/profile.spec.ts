import { assembleProfile } from '@libs/openvpn';
import { type IssuedLeaf, toComments } from '@libs/tlog';
import fc from 'fast-check';
import { certificatePem, TestCertificates } from '../test/test-certificates';
import { TestLog } from '../test/test-log';
import { flipBit, Workbench } from '../test/workbench';

const log = new TestLog();
const bench = new Workbench(log.key);
afterAll(() => bench.remove());

let issued: IssuedLeaf;
let other: IssuedLeaf;
let comments: string;
let profile: string;

const pem = (label: string) => `-----BEGIN ${label}-----\nQUJD\n-----END ${label}-----\n`;

function profileOf(certificate: string, receipt: string): string {
  return assembleProfile('client\nsetenv PROFILE_NAME vpn\nremote vpn.example 1194 udp\n', {
    root: pem('CERTIFICATE'),
    intermediate: pem('CERTIFICATE'),
    certificate,
    privateKey: pem('PRIVATE KEY'),
    controlChannel: { kind: 'tls-crypt-v2', key: pem('OpenVPN tls-crypt-v2 client key') },
    comments: toComments(receipt),
  });
}

beforeAll(async () => {
  const certificates = await TestCertificates.create();
  [issued, other] = [await certificates.issue(), await certificates.issue('Eve')];
  for (let i = 0; i < 20; i += 1) log.append(i === 11 ? issued : Buffer.of(i));
  comments = toComments(log.receipt(11));
  profile = profileOf(certificatePem(issued), log.receipt(11));
});

const verify = (text: string | Buffer) => bench.json('profile', bench.file('client.ovpn', text));

describe('ct-verify profile', () => {
  it('tells a person whose certificate it is and where it stands', async () => {
    const { status, stdout, stderr } = await bench.run('profile', bench.file('client.ovpn', profile));
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toBe(
      `Verified: The certificate of this profile stands in the log.

  Entry type     certificate issued
  Common name    Zoë
  Kind           user
  Serial number  ${issued.serial.toString('hex').toUpperCase()}
  Valid from     2025-01-02T03:04:05.000Z
  Valid until    2025-01-03T03:04:05.000Z
  SHA-256        ${issued.fingerprint.toString('hex')}
  Issuer key     ${issued.issuer.toString('hex')}
  Index          11
  Logged at      2025-01-02T03:04:05.000Z
  Log            log.example/vpn
  Log size       20
  Root hash      ${log.checkpoint().split('\n')[2] ?? ''}
`,
    );
  });

  it('takes the line ends that an editor or mail program made of them', async () => {
    expect(await verify(profile.replaceAll('\n', '\r\n'))).toMatchObject({ status: 0, index: 11 });
    expect(await verify(`\ufeff${profile}`)).toMatchObject({ status: 0, index: 11 });
  });

  it("takes the server.crt of a server's bundle", async () => {
    const chain = certificatePem(issued) + pem('CERTIFICATE');
    expect(await verify(chain + comments)).toMatchObject({ status: 0, common_name: 'Zoë' });
    expect(await verify(pem('CERTIFICATE') + certificatePem(issued) + comments)).toMatchObject({ status: 1 });
  });

  it('refuses a certificate with any bit changed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: issued.der.length * 8 - 1 }), async (bit) => {
        const changed = certificatePem({ ...issued, der: flipBit(issued.der, bit) });
        expect((await verify(profile.replace(certificatePem(issued), changed)))['status']).toBe(1);
      }),
    );
  });

  it('refuses receipt comments with any bit changed', async () => {
    const bytes = Buffer.from(comments);
    const [before = '', after = ''] = profile.split(comments);
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: bytes.length * 8 - 9 }), async (bit) => {
        const text = Buffer.concat([Buffer.from(before), flipBit(bytes, bit), Buffer.from(after)]);
        expect((await verify(text))['status']).toBe(1);
      }),
      { numRuns: 400 },
    );
  });

  const changes: [string, (text: string) => string, string][] = [
    [
      'the certificate of somebody else',
      (text) => text.replace(certificatePem(issued), certificatePem(other)),
      'malformed_leaf',
    ],
    ['no receipt', (text) => text.replace(comments, ''), 'malformed_receipt'],
    ['two receipts', (text) => text + comments, 'malformed_receipt'],
    ['no certificate', (text) => text.replace(/<cert>[^]*<\/cert>\n/, ''), 'no_certificate'],
    [
      'two certificates in its block',
      (text) => text.replace('</cert>', `${certificatePem(other)}</cert>`),
      'malformed_certificate',
    ],
  ];
  it.each(changes)('refuses a profile with %s', async (_, change, code) => {
    expect(await verify(change(profile))).toMatchObject({ status: 1, verdict: 'refuted', code });
  });

  // OpenVPN would use Eve's certificate in each of these, while the receipt is about Zoë's.
  it.each([
    ['a second block', '<cert>\nEVE</cert>'],
    ['a second block with a remark', '<cert> # here\nEVE</cert>'],
    ['a second block in quotes', '"<cert>"\nEVE</cert>'],
    ['a block that hides in another', '<ca>\n</ca>x\n<cert>\nEVE</cert>\n</ca>'],
    ['a file', 'cert eve.crt'],
    ['a file in quotes', '"cert" eve.crt'],
    ['a file behind dashes', '--cert eve.crt'],
    ['a file behind a backslash', 'c\\ert eve.crt'],
    ['a PKCS #12 file', 'pkcs12 eve.p12'],
    ['another configuration', 'config eve.conf'],
    ['a block that does not end', '<cert>\nEVE'],
  ])('refuses a profile with another certificate in %s', async (_, lines) => {
    const text = `${profile}${lines.replace('EVE', certificatePem(other))}\n`;
    expect(await verify(text)).toMatchObject({ status: 1, code: 'malformed_profile' });
  });
});
