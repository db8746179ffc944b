import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type CertificateKind,
  type KeyAlgorithm,
  type PublicKeyInfrastructure,
  buildCrl,
  certificateKinds,
  crlPemLabel,
  keyAlgorithms,
  parseCertificate,
  signWithKey,
  toPem,
} from '../src';
import { verifierOutput } from './external-tools';
import { contentOf, issue, now, testAuthority } from './fixtures';

const purposes: Readonly<Record<CertificateKind, string>> = {
  user: 'sslclient',
  computer: 'sslclient',
  server: 'sslserver',
};

describe.each(keyAlgorithms)('OpenSSL and GnuTLS, with a %s authority', (algorithm: KeyAlgorithm) => {
  let folder: string;
  let pki: PublicKeyInfrastructure;
  const file = (name: string): string => join(folder, name);
  const write = (name: string, ...texts: string[]): Promise<void> => writeFile(file(name), texts.join(''));
  const pem = (der: Buffer): string => toPem('CERTIFICATE', der);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pki-'));
    pki = await testAuthority(algorithm);
    await write('root.crt', pem(pki.root.issuer.der));
    await write('intermediate.crt', pem(pki.intermediate.issuer.der));
    await write('chain.crt', pem(pki.intermediate.issuer.der), pem(pki.root.issuer.der));
    await write('root.crl', toPem(crlPemLabel, pki.rootCrl));
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function writeLeaf(kind: CertificateKind, holder: KeyAlgorithm = algorithm): Promise<Buffer> {
    const der = await issue(pki.intermediate, await contentOf(kind, holder));
    await write('leaf.crt', pem(der));
    return der;
  }

  async function writeCrl(...revoked: Buffer[]): Promise<void> {
    const content = {
      number: 1n,
      thisUpdate: new Date(now.getTime() - 300_000),
      nextUpdate: new Date(now.getTime() + 86_400_000),
      revoked: revoked.map((der) => ({
        serialNumber: parseCertificate(der).tbs.serialNumber.toString('hex'),
        revokedAt: now,
        reason: 1,
      })),
    };
    const sign = (data: Buffer): Buffer => signWithKey(pki.intermediate.privateKey, data);
    await write('intermediate.crl', toPem(crlPemLabel, await buildCrl(pki.intermediate.issuer, content, sign)));
    await write(
      'crls.pem',
      toPem(crlPemLabel, await buildCrl(pki.intermediate.issuer, content, sign)),
      toPem(crlPemLabel, pki.rootCrl),
    );
  }

  const strictly = ['verify', '-x509_strict', '-no-CApath', '-no-CAstore'];
  const chain = (): string[] => ['-CAfile', file('root.crt'), '-untrusted', file('intermediate.crt')];

  describe.each(certificateKinds)('accept a %s certificate', (kind) => {
    it.each(keyAlgorithms)('with a %s key, strictly and for its purpose', async (holder) => {
      await writeLeaf(kind, holder);
      const output = await verifierOutput('openssl', [
        ...strictly,
        '-purpose',
        purposes[kind],
        ...chain(),
        file('leaf.crt'),
      ]);
      expect(output).toContain('OK');
    });

    it('with its chain to the root', async () => {
      const leaf = await writeLeaf(kind);
      await write('all.crt', pem(leaf), pem(pki.intermediate.issuer.der), pem(pki.root.issuer.der));
      const output = await verifierOutput('certtool', ['--verify-chain', '--infile', file('all.crt')]);
      expect(output).toMatch(/Chain verification output: Verified\. The certificate is trusted/);
    });
  });

  it('refuse a certificate for another purpose', async () => {
    await writeLeaf('user');
    const checking = verifierOutput('openssl', [...strictly, '-purpose', 'sslserver', ...chain(), file('leaf.crt')]);
    await expect(checking).rejects.toThrow(/unsuitable certificate purpose/);
  });

  it('accept the CRLs of intermediate and root', async () => {
    await writeCrl(await writeLeaf('user'));
    for (const issuer of ['root', 'intermediate']) {
      const verify = ['crl', '-verify', '-noout', '-in', file(`${issuer}.crl`), '-CAfile', file('chain.crt')];
      expect(await verifierOutput('openssl', verify)).toContain('verify OK');
      const gnutls = [
        '--verify-crl',
        '--load-ca-certificate',
        file(`${issuer}.crt`),
        '--infile',
        file(`${issuer}.crl`),
      ];
      expect(await verifierOutput('certtool', gnutls)).toMatch(/Verified/);
    }
  });

  it('accept a good certificate and refuse a revoked one, with the CRLs of the whole chain', async () => {
    const revoked = await writeLeaf('computer');
    await writeCrl(revoked);
    const check = [...strictly, '-crl_check_all', '-CRLfile', file('crls.pem'), ...chain(), file('leaf.crt')];
    await expect(verifierOutput('openssl', check)).rejects.toThrow(/certificate revoked/);
    await writeLeaf('computer');
    expect(await verifierOutput('openssl', check)).toContain('OK');
  });
});

it('a verifier that is not installed is one clear sentence', async () => {
  await expect(verifierOutput('certtool', ['--version'], { PATH: '/nonexistent' })).rejects.toThrow(
    "certtool is needed for this test: install Debian's gnutls-bin.",
  );
});
