import { openRevocationPage, type RevocationPage } from '@libs/contracts';
import { openCheckpoint, verifyConsistency } from '@libs/tlog';
import { type TestCertificate } from './certificate-fixture';
import { READER_KEY } from './log-fixture';
import { LogService } from './service-fixture';

describe('the signed form of GET /api/v1/revocations', () => {
  let service: LogService;
  const revoked: TestCertificate[] = [];

  beforeAll(async () => {
    service = await LogService.start();
    for (let number = 0; number < 3; number += 1) await issueAndRevoke();
  });
  afterAll(() => service.stop());

  async function issueAndRevoke(): Promise<void> {
    const { certificate } = await service.issue();
    const claim = { reason: 'superseded', revoked_at: '2026-05-04T03:02:01.000Z' };
    await service.append({ type: 'revoked', fingerprint: certificate.fingerprint, ...claim }).expect(201);
    revoked.push(certificate);
  }

  const verifiers = () => [service.log.signer.verifier];
  const fetchPage = (query: string) => service.get(`/api/v1/revocations?${query}`).set('Accept', 'text/plain');
  const page = async (query: string): Promise<RevocationPage> =>
    openRevocationPage((await fetchPage(query).expect(200)).text, verifiers());

  it('names every revocation, and the log that it was made from', async () => {
    const before = Date.now();
    const { issuedAt, root, revocations, ...rest } = await page('since=0');
    const checkpoint = openCheckpoint((await service.get('/checkpoint')).text, verifiers());
    expect(root).toEqual(checkpoint.root);
    expect(rest).toEqual({
      ...{ origin: checkpoint.origin, since: 0, next: 6, complete: true },
      ...{ size: checkpoint.size, extends: 0, proof: [] },
    });
    expect(issuedAt.getTime()).toBeGreaterThanOrEqual(before);
    expect(revocations).toMatchObject(
      revoked.map(({ serialNumber, issuer }, position) => ({
        index: 2 * position + 1,
        serialNumber,
        issuer,
        reason: 4,
      })),
    );
    expect(revocations[0]?.revokedAt).toEqual(new Date('2026-05-04T03:02:01.000Z'));
    expect(revocations[0]?.notAfter.getTime()).toBeGreaterThan(Date.now());
  });

  it('goes on where the page before ended, without a gap', async () => {
    const first = await page('since=0&limit=2');
    expect(first).toMatchObject({ complete: false, next: 4 });
    const rest = await page(`since=${String(first.next)}&limit=2`);
    expect(rest).toMatchObject({ complete: true, next: 6, revocations: [{ index: 5 }] });
    await expect(page('since=6')).resolves.toMatchObject({ complete: true, next: 6, revocations: [] });
  });

  it('proves that the log extends the one that the reader knew', async () => {
    const known = await page('since=0');
    await issueAndRevoke();
    const grown = await page(`since=${String(known.next)}&extends=${String(known.size)}`);
    expect(grown).toMatchObject({ extends: known.size, revocations: [{ index: known.size + 1 }] });
    expect(() =>
      verifyConsistency({
        ...{ from: known.size, to: grown.size, fromRoot: known.root, toRoot: grown.root },
        proof: grown.proof,
      }),
    ).not.toThrow();
  });

  it('states how large the log is to a reader who knew a larger one, and proves nothing', async () => {
    const { size } = await page('since=0');
    await expect(page(`since=${String(size + 5)}&extends=${String(size + 5)}`)).resolves.toMatchObject({
      ...{ size, since: size + 5, next: size + 5, proof: [], revocations: [] },
    });
  });

  it('is not handed to whoever has no key, and is kept by no cache', async () => {
    await fetchPage('since=0').set('Authorization', 'Bearer nobody').expect(401);
    const { headers } = await fetchPage('since=0').expect(200);
    expect(headers).toMatchObject({ 'cache-control': 'no-store' });
    expect(headers['content-type']).toContain('text/plain');
    expect(headers['vary']).toContain('Accept');
  });

  it('is JSON for whoever does not ask for text', async () => {
    const { body } = await service.get('/api/v1/revocations?since=0&limit=1', READER_KEY).expect(200);
    expect(body).toMatchObject({ complete: false, next_since: 2, items: [{ index: 1 }] });
  });

  it.each(['since=0&issuer=' + 'a'.repeat(64), 'since=-1', 'since=x', 'since=0&limit=0', 'since=0&extends=-1'])(
    'refuses ?%s',
    async (query) => {
      await fetchPage(query).expect(422);
    },
  );

  it('proves nothing in JSON', async () => {
    await service.get('/api/v1/revocations?since=0&extends=1').expect(422);
  });
});
