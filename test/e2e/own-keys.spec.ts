import { createKeyPairAndCsr } from '@libs/pki';
import { createPublicKey } from 'node:crypto';
import { ApiSession, objectOf } from '../support/api-session';
import { ProfileFile } from '../support/profile-file';
import { CapturedOutput } from './support/captured-output';
import { TestProduct } from './support/test-product';

interface Listed {
  readonly fingerprint: string;
  readonly state: string;
}

describe('keys that stay where they were made', () => {
  let product: TestProduct;
  let output: CapturedOutput;
  let user: ApiSession;

  beforeAll(async () => {
    output = new CapturedOutput();
    product = await TestProduct.start();
    user = await ApiSession.signIn(product.frontendUrl, 'user');
  });
  afterAll(async () => {
    await product.close();
    output.restore();
  });

  const newKey = () => createKeyPairAndCsr({ commonName: 'ignored', algorithm: 'P-256' });
  const mine = async () => objectOf(await user.get('/api/v1/me/certificates'))['items'] as readonly Listed[];

  it('are certified once, and a repetition gets the same certificate with a receipt that proves it', async () => {
    const { csrPem: csr, privateKeyPem } = await newKey();
    const ask = async () => {
      const page = await user.post(
        '/api/v1/profiles',
        { csr, device_name: 'host' },
        { 'idempotency-key': 'first-try' },
      );
      expect(page.status).toBe(200);
      return new ProfileFile(page.body);
    };
    const [first, again] = [await ask(), await ask()];
    expect(first.text).not.toContain('PRIVATE KEY');
    expect(first.certificate.publicKey.equals(createPublicKey(privateKeyPem))).toBe(true);
    expect(again.fingerprint).toBe(first.fingerprint);
    for (const profile of [first, again]) {
      expect(() => profile.verifyReceipt(product.data.logVerifierKey())).not.toThrow();
    }
  });

  it('are renewed beside the old one, and all revoked by their owner in one piece', async () => {
    const old = new ProfileFile((await user.post('/api/v1/profiles', { csr: (await newKey()).csrPem })).body);
    const path = `/api/v1/me/certificates/${old.fingerprint}/renewal`;
    const page = await user.post(path, { csr: (await newKey()).csrPem });
    expect(page.status).toBe(200);
    const renewed = new ProfileFile(page.body);
    expect(await mine()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ fingerprint: old.fingerprint, state: 'valid', renewed_by: renewed.fingerprint }),
        expect.objectContaining({ fingerprint: renewed.fingerprint, state: 'valid' }),
      ]),
    );
    const count = (await mine()).length;
    expect(objectOf(await user.post('/api/v1/me/certificates/revocations'))).toMatchObject({
      count,
      newly_revoked: count,
      crl: 'published',
    });
    expect((await mine()).every(({ state }) => state === 'revoked')).toBe(true);
  });
});
