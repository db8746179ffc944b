import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeLeaf, fromComments } from '@libs/tlog';
import { buildGoVerifier } from '../golden/tlog/go-verifier';
import { ApiSession, objectOf } from '../support/api-session';
import { opensslVerify } from '../support/openssl';
import { ProfileFile } from '../support/profile-file';
import { verifyWithSigstore } from '../support/sigstore';
import { readTarGz, type TarFile } from '../support/tar-gz';
import { CapturedOutput } from './support/captured-output';
import { createPsk, fetchWithPsk, mintLink, profileOf } from '../support/requests';
import { TestProduct } from './support/test-product';

describe('from login to a profile', () => {
  let product: TestProduct;
  let output: CapturedOutput;
  let user: ApiSession;
  let admin: ApiSession;
  let verifierKey: string;

  beforeAll(async () => {
    output = new CapturedOutput();
    product = await TestProduct.start();
    verifierKey = product.data.logVerifierKey();
    user = await ApiSession.signIn(product.frontendUrl, 'user');
    admin = await ApiSession.signIn(product.frontendUrl, 'admin');
  });

  afterAll(async () => {
    await product.close();
    output.restore();
  });

  const crl = async () => (await fetch(`${product.frontendUrl}/crl.pem`)).text();
  const certificatesOf = async (userId: unknown) => {
    const { items } = objectOf(await admin.get(`/api/v1/admin/certificates?user=${String(userId)}`));
    return items as readonly { readonly fingerprint: string; readonly revocation: unknown }[];
  };

  describe('the receipt in a profile', () => {
    let profile: ProfileFile;
    beforeAll(async () => {
      profile = await profileOf(user, ['split-dns']);
    });

    it('proves by our own library that this very certificate stands in the log', () => {
      const { leaf, index } = profile.verifyReceipt(verifierKey);
      expect(decodeLeaf(leaf)).toMatchObject({ type: 'issued', kind: 'user', der: profile.certificate.raw });
      expect(index).toBeGreaterThanOrEqual(0);
    });

    it('proves nothing for another certificate', async () => {
      const other = await profileOf(user);
      const mixed = profile.replaceBlock('cert', other.block('cert'));
      expect(() => mixed.verifyReceipt(verifierKey)).toThrow('another certificate');
    });

    it('convinces sigstore', () => {
      const receipt = fromComments(profile.text);
      const { leaf } = profile.verifyReceipt(verifierKey);
      verifyWithSigstore(receipt, leaf, verifierKey);
      expect(() => {
        verifyWithSigstore(receipt, Buffer.concat([leaf, Buffer.of(0)]), verifierKey);
      }).toThrow();
    });

    // Go's packages come from a Debian package, which not every developer's machine has; CI must.
    const verifier = buildGoVerifier();
    (verifier === undefined ? it.skip : it)("convinces Go's transparency log packages", () => {
      const folder = mkdtempSync(join(tmpdir(), 'ovpn-go-'));
      try {
        const file = join(folder, 'profile.ovpn');
        const verify = (text: string) => {
          writeFileSync(file, text);
          return spawnSync(verifier ?? '', ['-key', verifierKey, '-profile', file], { encoding: 'utf8' });
        };
        expect(verify(profile.text)).toMatchObject({ status: 0, stderr: '' });
        expect(verify(profile.text.replace('# index ', '# index 1')).status).toBe(1);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  });

  describe('the certificates', () => {
    it('of people are what openssl calls a client, strictly, with a chain to the root', async () => {
      const profile = await profileOf(user);
      const chain = chainOf(profile);
      expect(opensslVerify({ ...chain, crl: await crl() }, 'sslclient')).toContain('leaf.crt: OK');
      expect(() => opensslVerify(chain, 'sslserver')).toThrow();
      expect(profile.certificate.subject).toContain('CN=user@example.org');
    });

    it('of computers too', async () => {
      const secret = await createPsk(admin, { kind: 'computer', common_name: 'printer-7' });
      const response = await fetchWithPsk(product.frontendUrl, 'computer', secret);
      expect(response.headers.get('cache-control')).toBe('no-store');
      const profile = new ProfileFile(await response.text());
      expect(opensslVerify({ ...chainOf(profile), crl: await crl() }, 'sslclient')).toContain('leaf.crt: OK');
      expect(decodeLeaf(profile.verifyReceipt(verifierKey).leaf)).toMatchObject({ kind: 'computer' });
    });

    it('of servers are what openssl calls a server', async () => {
      const secret = await createPsk(admin, { kind: 'server', common_name: 'vpn.localhost' });
      const files = await bundleOf(await fetchWithPsk(product.frontendUrl, 'server', secret));
      expect([...files.keys()].sort()).toEqual([
        'Default.0001.ovpn',
        'Default.0002.ovpn',
        'ca-chain.crt',
        'crl.pem',
        'server.crt',
        'server.key',
        'tls-crypt-v2.key',
      ]);
      expect(files.get('server.key')?.mode).toBe(0o600);
      const [intermediate = '', root = ''] = pemBlocks(files.get('ca-chain.crt')?.text);
      const [certificate = ''] = pemBlocks(files.get('server.crt')?.text);
      const chain = { root, intermediate, certificate, crl: files.get('crl.pem')?.text ?? '' };
      expect(opensslVerify(chain, 'sslserver')).toContain('leaf.crt: OK');
      expect(() => opensslVerify(chain, 'sslclient')).toThrow();
    });

    it('are refused by openssl once they are revoked, and by nothing that came before', async () => {
      const [revoked, kept] = [await profileOf(user), await profileOf(user)];
      const path = `/api/v1/admin/certificates/${revoked.fingerprint}/revocation`;
      expect(objectOf(await admin.post(path, { reason: 'key_compromise' }))).toMatchObject({
        newly_revoked: true,
        crl: 'published',
      });
      const current = await crl();
      expect(() => opensslVerify({ ...chainOf(revoked), crl: current }, 'sslclient')).toThrow('certificate revoked');
      expect(opensslVerify({ ...chainOf(kept), crl: current }, 'sslclient')).toContain('leaf.crt: OK');
      // A second revocation changes nothing, whatever its reason.
      expect(objectOf(await admin.post(path, { reason: 'unspecified' }))).toMatchObject({
        newly_revoked: false,
        reason: 'key_compromise',
      });
    });
  });

  it('gives a link that works once', async () => {
    const link = await mintLink(user);
    const first = await fetch(link);
    expect(first.status).toBe(200);
    expect(first.headers.get('content-type')).toContain('application/x-openvpn-profile');
    expect(first.headers.get('vpn-session-token')).toMatch(/^[0-9a-f]{32,}$/);
    new ProfileFile(await first.text()).verifyReceipt(verifierKey);
    expect((await fetch(link)).status).toBe(410);
  });

  describe('while the log is down', () => {
    it('there is no certificate but a 503, and the link works when the log is back', async () => {
      const { id } = objectOf(await user.get('/api/v1/me'));
      const link = await mintLink(user);
      const before = await certificatesOf(id);
      await product.log.stop();
      try {
        const refused = await fetch(link);
        expect(refused.status).toBe(503);
        expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
        expect(await refused.text()).not.toContain('BEGIN');
        const direct = await user.post('/api/v1/profiles', { options: [] });
        expect(direct.status).toBe(503);
        expect(direct.headers.get('retry-after')).not.toBeNull();
        expect(direct.body).not.toContain('BEGIN');
      } finally {
        await product.log.start();
      }
      // What was served is what was logged: nothing was made in between.
      expect(await certificatesOf(id)).toEqual(before);
      const served = await fetch(link);
      expect(served.status).toBe(200);
      const profile = new ProfileFile(await served.text());
      profile.verifyReceipt(verifierKey);
      const now = await certificatesOf(id);
      expect(now.filter(({ revocation }) => revocation === null).map(({ fingerprint }) => fingerprint)).toContain(
        profile.fingerprint,
      );
      expect(now).toHaveLength(before.length + 1);
      expect((await fetch(link)).status).toBe(410);
    });

    it('the last good CRL is served, and nothing can be revoked unrecorded', async () => {
      const profile = await profileOf(user);
      const before = await crl();
      await product.log.stop();
      try {
        const path = `/api/v1/admin/certificates/${profile.fingerprint}/revocation`;
        const refused = await admin.post(path, { reason: 'superseded' });
        expect(refused.status).toBe(503);
        expect(refused.headers.get('retry-after')).not.toBeNull();
        expect(await crl()).toBe(before);
      } finally {
        await product.log.start();
      }
      expect(opensslVerify({ ...chainOf(profile), crl: await crl() }, 'sslclient')).toContain('leaf.crt: OK');
    });
  });

  it('is a 503 while signing is down, with the link unspent', async () => {
    const link = await mintLink(user);
    await product.signing.stop();
    try {
      const refused = await fetch(link);
      expect(refused.status).toBe(503);
      expect(refused.headers.get('retry-after')).not.toBeNull();
      expect((await fetch(`${product.frontendUrl}/crl.pem`)).status).toBe(200);
    } finally {
      await product.signing.start();
    }
    expect((await fetch(link)).status).toBe(200);
  });
});

function chainOf(profile: ProfileFile) {
  return {
    root: profile.block('ca'),
    intermediate: profile.block('extra-certs'),
    certificate: profile.block('cert'),
  };
}

async function bundleOf(response: Response): Promise<ReadonlyMap<string, TarFile>> {
  expect(response.headers.get('content-type')).toBe('application/gzip');
  return readTarGz(new Uint8Array(await response.arrayBuffer()));
}

function pemBlocks(text = ''): readonly string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----\n/g) ?? [];
}
