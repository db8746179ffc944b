import { randomUUID } from 'node:crypto';
import { parseReceipt, rebuildLeaf, verifyReceipt } from '@libs/tlog';
import { issuedEntry } from './certificate-fixture';
import { CuttingProxy } from './cutting-proxy';
import { WRITER_KEY } from './log-fixture';
import { LogService } from './service-fixture';

let service: LogService;
let proxy: CuttingProxy;

beforeAll(async () => {
  service = await LogService.start({}, async (database) => {
    proxy = await CuttingProxy.before(database.writerUrl);
    return { ...database, writerUrl: proxy.url };
  });
});

afterAll(async () => {
  await service.stop();
  await proxy.close();
});

const BULK = '/api/v1/revocations/bulk';

describe('a commit without an answer', () => {
  it.each([
    ['that the database did not get', 'before', 201, false],
    ['that the database has made', 'after', 200, true],
  ] as const)('%s is 503, and the retry gets the receipt of the one entry', async (_, cut, status, known) => {
    const certificate = await service.issuer.certificate();
    const entry = issuedEntry(certificate);
    const before = await service.size();
    proxy.cut = cut;
    expect(await service.append(entry)).toMatchObject({ status: 503, body: { code: 'log_unavailable' } });
    const retried = await service.append(entry);
    expect(retried).toMatchObject({ status, body: { known, index: before } });
    const rebuild = (extra: Buffer | undefined) => rebuildLeaf(extra ?? Buffer.of(), certificate.der);
    expect(
      verifyReceipt(parseReceipt(String(retried.body.receipt)), rebuild, [service.log.signer.verifier]).index,
    ).toBe(before);
    expect(await service.size()).toBe(before + 1);
  });

  it.each([
    ['that the database did not get', 'before', false],
    ['that the database has made', 'after', true],
  ] as const)('of a bulk, %s, leaves all or nothing revoked, and the retry says which', async (_, cut, known) => {
    const user = randomUUID();
    for (const certificate of await Promise.all(Array.from({ length: 20 }, () => service.issuer.certificate()))) {
      await service.append(issuedEntry(certificate, { user_id: user }));
    }
    const { body: preview } = await service.get(BULK, WRITER_KEY).query({ user_id: user });
    const order = { user_id: user, reason: 'superseded', revoked_at: new Date().toISOString() };
    const revoke = () => service.post(BULK, { ...order, confirmation: preview.confirmation });
    const before = await service.size();
    proxy.cut = cut;
    expect(await revoke()).toMatchObject({ status: 503, body: { code: 'log_unavailable' } });
    expect((await service.size()) - before).toBe(known ? 20 : 0);
    expect(await revoke()).toMatchObject({ status: 200, body: { known } });
    expect((await service.size()) - before).toBe(20);
  });

  it('leaves nothing behind that a batch of others would stumble over', async () => {
    const certificates = await Promise.all(Array.from({ length: 30 }, () => service.issuer.certificate()));
    const before = await service.size();
    for (const cut of ['after', 'before'] as const) {
      proxy.cut = cut;
      await Promise.all(certificates.map((certificate) => service.append(issuedEntry(certificate))));
    }
    const answers = await Promise.all(certificates.map((certificate) => service.append(issuedEntry(certificate))));
    expect(answers.every(({ status }) => status === 200 || status === 201)).toBe(true);
    expect(new Set(answers.map(({ body }) => Number(body.index))).size).toBe(30);
    expect(await service.size()).toBe(before + 30);
  });
});
