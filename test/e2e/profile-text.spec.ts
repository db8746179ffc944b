import { X509Certificate } from 'node:crypto';
import {
  parseConfiguration,
  parseTlsCryptV2ServerKeys,
  unwrapTlsCryptV2ClientKey,
  parseTlsCryptV2ClientKey,
} from '@libs/openvpn';
import { ApiSession, objectOf } from '../support/api-session';
import { ProfileFile } from '../support/profile-file';
import { createPsk, fetchWithPsk, profileOf } from '../support/requests';
import { CapturedOutput } from './support/captured-output';
import { TestProduct } from './support/test-product';

/** The longest line that OpenVPN 2 reads; OpenVPN 3, and so OpenVPN Connect, reads 511. */
const LONGEST_LINE_BYTES = 254;
const LONGEST_WRITTEN = 76;

/** What OpenVPN 2.6 and OpenVPN Connect both take in a profile: any other word stops OpenVPN Connect. */
const KNOWN_DIRECTIVES = new Set([
  ...[
    'client',
    'dev',
    'proto',
    'remote',
    'nobind',
    'resolv-retry',
    'persist-tun',
    'remote-cert-tls',
    'verify-x509-name',
  ],
  ...['tls-version-min', 'tls-cert-profile', 'data-ciphers', 'cipher', 'auth', 'auth-nocache', 'explicit-exit-notify'],
  ...['redirect-gateway', 'route', 'dhcp-option', 'setenv', 'verb'],
]);

describe('a profile as OpenVPN Connect reads it', () => {
  const profiles = new Map<string, ProfileFile>();
  let product: TestProduct;
  let output: CapturedOutput;
  let serverKey: Buffer;

  beforeAll(async () => {
    output = new CapturedOutput();
    product = await TestProduct.start();
    [serverKey] = parseTlsCryptV2ServerKeys(product.data.tlsCryptV2ServerKey());
    const admin = await ApiSession.signIn(product.frontendUrl, 'admin');
    const { items } = objectOf(await admin.get('/api/v1/options')) as { items: readonly { id: string }[] };
    const ids = items.map(({ id }) => id);
    for (const selection of [[], ...ids.map((id) => [id]), ids]) {
      profiles.set(`with [${selection.join(', ')}]`, await profileOf(admin, selection));
    }
    const psk = await createPsk(admin, { kind: 'computer', common_name: 'kiosk "7" – ä' });
    const computers = await fetchWithPsk(product.frontendUrl, 'computer', psk);
    profiles.set('of a computer', new ProfileFile(await computers.text()));
  });

  afterAll(async () => {
    await product.close();
    output.restore();
  });

  /** The check, for every profile; a failure names it. */
  function forEveryProfile(check: (profile: ProfileFile) => unknown, expected: unknown): void {
    expect(profiles.size).toBeGreaterThan(4);
    for (const [name, profile] of profiles) expect([name, check(profile)]).toEqual([name, expected]);
  }

  const linesOf = ({ text }: ProfileFile) => text.split('\n');
  const directivesOf = ({ text }: ProfileFile) => parseConfiguration(text).directives;

  it('has no line, comments included, that would be too long, and wraps what it writes itself', () => {
    forEveryProfile((profile) => linesOf(profile).filter((line) => Buffer.byteLength(line) > LONGEST_LINE_BYTES), []);
    const ours = /^(#|[A-Za-z0-9+/]{40})/;
    forEveryProfile(
      (profile) => linesOf(profile).filter((line) => ours.test(line) && line.length > LONGEST_WRITTEN),
      [],
    );
  });

  it('has no control character, and ends with a line', () => {
    forEveryProfile(({ text }) => hasControlCharacter(text), false);
    forEveryProfile(({ text }) => /[^\n]\n$/.test(text), true);
  });

  it('has no directive that either program does not know', () => {
    forEveryProfile((profile) => directivesOf(profile).filter(({ name }) => !KNOWN_DIRECTIVES.has(name)), []);
  });

  it('asks for TLS 1.3 in the only words that builds with mbedTLS take', () => {
    const versions = (profile: ProfileFile) => directivesOf(profile).filter(({ name }) => name === 'tls-version-min');
    forEveryProfile((profile) => versions(profile).map(({ args }) => args), [['1.3', 'or-highest']]);
  });

  it('says goodbye over UDP alone', () => {
    forEveryProfile((profile) => {
      const [protocol] = directivesOf(profile).flatMap(({ name, args }) => (name === 'proto' ? args : []));
      return directivesOf(profile).some(({ name }) => name === 'explicit-exit-notify') === (protocol === 'udp');
    }, true);
  });

  it('has each block once, none of which ends in a blank line', () => {
    forEveryProfile(
      ({ text }) => parseConfiguration(text).blocks.map(({ name }) => name),
      ['ca', 'cert', 'extra-certs', 'key', 'tls-crypt-v2'],
    );
    forEveryProfile(({ text }) => /\n\s*\n<\/|>\n\s*\n/.test(text), false);
  });

  it('has root, leaf and intermediate apart: OpenVPN 3 sends the first certificate of cert alone', () => {
    forEveryProfile((profile) => {
      const [root, leaf, intermediate] = ['ca', 'cert', 'extra-certs'].map((name) =>
        certificatesIn(profile.block(name)),
      );
      if (root?.length !== 1 || leaf?.length !== 1 || intermediate?.length !== 1) return 'not one each';
      const [[ca], [own], [between]] = [root, leaf, intermediate];
      return ca?.verify(ca.publicKey) && between?.verify(ca.publicKey) && own?.verify(between.publicKey);
    }, true);
  });

  it('has a key of the control channel that names its certificate', () => {
    forEveryProfile((profile) => {
      const { wrappedKey } = parseTlsCryptV2ClientKey(profile.block('tls-crypt-v2'));
      const { metadata } = unwrapTlsCryptV2ClientKey(serverKey, wrappedKey);
      if (metadata.type !== 'user') return 'a timestamp';
      const named = JSON.parse(metadata.data.toString()) as { serial: string; not_after: string };
      const { serialNumber, validTo } = profile.certificate;
      return named.serial === serialNumber && Date.parse(named.not_after) === Date.parse(validTo);
    }, true);
  });
});

function certificatesIn(pem: string): X509Certificate[] {
  return (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map(
    (one) => new X509Certificate(one),
  );
}

/** Line ends aside. */
function hasControlCharacter(text: string): boolean {
  return Array.from(text).some((character) => character !== '\n' && (character < ' ' || character === '\u007f'));
}
