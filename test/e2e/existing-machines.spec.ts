import { objectOf } from '../support/api-session';
import { createPsk, profileOf } from '../support/requests';
import { AskedProduct } from './support/asked-product';
import { expectBundle, expectProblem, expectProfile } from './support/delivered';
import { get, head, plainRequest } from './support/existing-client';

const NOT_A_PSK = `ovpsk_${'0'.repeat(16)}_${'A'.repeat(43)}`;

/** Written from "Spoken by clients that exist already" alone, as is existing-clients.spec.ts. */
describe('machines that exist already', () => {
  let product: AskedProduct;

  beforeAll(async () => {
    product = await AskedProduct.start();
  });
  afterAll(() => product.close());

  describe('fetch with a pre-shared key', () => {
    const SERVER = { kind: 'server', common_name: 'vpn.localhost' } as const;
    const COMPUTER = { kind: 'computer', common_name: 'kiosk' } as const;
    const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });

    it.each(['GET', 'POST'])('a server bundle by %s, as often as they ask', async (method) => {
      const secret = await createPsk(product.admin, SERVER);
      const serials = new Set<string>();
      const ask = () => plainRequest(method, product.at('/api/v1/server/bundle'), bearer(secret));
      for (const answer of [await ask(), await ask()]) {
        expect(answer.status).toBe(200);
        expect(answer.headers).toMatchObject({ 'content-type': 'application/gzip', 'cache-control': 'no-store' });
        serials.add(await expectBundle(answer.body));
      }
      expect(serials.size).toBe(2);
    });

    it.each(['GET', 'POST'])("a computer's profile by %s", async (method) => {
      const secret = await createPsk(product.admin, COMPUTER);
      const profile = expectProfile(await plainRequest(method, product.at('/api/v1/computer/bundle'), bearer(secret)));
      expect(profile.certificate.subject).toBe('CN=kiosk');
    });

    it.each([
      ['server', SERVER],
      ['computer', COMPUTER],
    ] as const)('a %s bundle: HEAD uses nothing, and a key that is used up is 401', async (kind, order) => {
      const secret = await createPsk(product.admin, { ...order, use_limit: 1 });
      const url = product.at(`/api/v1/${kind}/bundle`);
      expect(await head(url, bearer(secret))).toMatchObject({ status: 200, body: Buffer.alloc(0) });
      expect((await get(url, bearer(secret))).status).toBe(200);
      const again = await get(url, bearer(secret));
      expectProblem(again, 401);
      expect((await head(url, bearer(secret))).status).toBe(401);
    });

    it.each([
      ['server', COMPUTER],
      ['computer', SERVER],
    ] as const)('no %s bundle with a key of the wrong kind: 403', async (kind, order) => {
      const secret = await createPsk(product.admin, order);
      expectProblem(await get(product.at(`/api/v1/${kind}/bundle`), bearer(secret)), 403);
      expect((await head(product.at(`/api/v1/${kind}/bundle`), bearer(secret))).status).toBe(403);
    });

    it('nothing without a key that counts: 401, all alike', async () => {
      const revoked = objectOf(await product.admin.post('/api/v1/admin/psks', SERVER));
      await product.admin.post(`/api/v1/admin/psks/${String(revoked['id'])}/revocation`);
      const soon = new Date(Date.now() + 300).toISOString();
      const expired = objectOf(await product.admin.post('/api/v1/admin/psks', { ...SERVER, expires_at: soon }));
      const usedUp = await createPsk(product.admin, { ...SERVER, use_limit: 1 });
      await get(product.at('/api/v1/server/bundle'), bearer(usedUp));
      await new Promise((resolve) => setTimeout(resolve, 350));
      const secrets = [NOT_A_PSK, 'nonsense', '', String(revoked['secret']), String(expired['secret']), usedUp];
      const headers = [{}, { authorization: 'Basic eDp5' }, ...secrets.map(bearer)];
      const answers = [];
      for (const method of ['GET', 'POST']) {
        for (const credential of headers) {
          const answer = await plainRequest(method, product.at('/api/v1/server/bundle'), credential);
          expectProblem(answer, 401);
          const problem = JSON.parse(answer.body.toString()) as Record<string, unknown>;
          answers.push(JSON.stringify([answer.headers['www-authenticate'], { ...problem, request_id: undefined }]));
        }
      }
      expect(new Set(answers).size).toBe(1);
    });
  });

  describe('fetch the revocation lists', () => {
    const DER = 'application/pkix-crl';
    const PEM = 'application/x-pem-file';

    it.each([
      ['/crl', undefined, DER],
      ['/crl', '*/*', DER],
      ['/crl', DER, DER],
      ['/crl', PEM, PEM],
      ['/crl.pem', undefined, PEM],
    ])('%s with Accept %s as %s', async (path, accept, type) => {
      const headers = accept === undefined ? {} : { accept };
      const answer = await get(product.at(path), headers);
      expect(answer.status).toBe(200);
      expect(answer.headers).toMatchObject({
        'content-type': expect.stringMatching(new RegExp(`^${type}(;|$)`)),
        etag: expect.stringMatching(/^"[^"]+"$/),
        'last-modified': expect.stringMatching(/GMT$/),
      });
      if (type === DER) expect(answer.body[0]).toBe(0x30);
      // The issuing CA's and the root's.
      else expect(answer.body.toString().match(/-----BEGIN X509 CRL-----/g)).toHaveLength(2);

      const look = await head(product.at(path), headers);
      expect(look).toMatchObject({ status: 200, body: Buffer.alloc(0) });
      expect(look.headers.etag).toBe(answer.headers.etag);
      expect(look.headers['content-length']).toBe(String(answer.body.length));

      const { etag = '', 'last-modified': lastModified = '' } = answer.headers;
      const known = [{ 'if-none-match': etag }, { 'if-none-match': '*' }, { 'if-modified-since': lastModified }];
      for (const condition of known) {
        const unchanged = await get(product.at(path), { ...headers, ...condition });
        expect(unchanged).toMatchObject({ status: 304, body: Buffer.alloc(0) });
        expect(unchanged.headers.etag).toBe(etag);
      }
      expect((await get(product.at(path), { ...headers, 'if-none-match': '"another"' })).status).toBe(200);
    });

    it('with another ETag, and the serial number, once something has been revoked', async () => {
      const before = await get(product.at('/crl'));
      const { fingerprint, certificate } = await profileOf(product.user);
      await product.user.post(`/api/v1/me/certificates/${fingerprint}/revocation`, { reason: 'key_compromise' });
      const after = await get(product.at('/crl'), { 'if-none-match': before.headers.etag ?? '' });
      expect(after.status).toBe(200);
      expect(after.headers.etag).not.toBe(before.headers.etag);
      expect(after.body.toString('hex').toUpperCase()).toContain(certificate.serialNumber);
      expect(before.body.toString('hex').toUpperCase()).not.toContain(certificate.serialNumber);
    });
  });
});
