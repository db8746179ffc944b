import { crlEntries, crlPemLabel, parseCrl, parsePem } from '@libs/pki';
import { decodeLeaf, encodeLeaf, leafExtra, leafHash, printReceipt, signCheckpoint } from '@libs/tlog';
import { FakeLogServer, problem } from './support/fake-log-server';
import { SigningService, TestPki, signingVariables } from './support/signing-service';

const log = new FakeLogServer();
let pki: TestPki;
let service: SigningService;

beforeAll(async () => {
  pki = await TestPki.create();
  await log.start();
  service = await SigningService.start(signingVariables(await pki.directory(), log));
});

afterEach(() => {
  log.faults = {};
});

afterAll(async () => {
  await service.stop();
  await log.stop();
  await pki.remove();
});

async function served(): Promise<{ serialNumber: string; reason: number }[]> {
  const { text } = await service.call('get', '/api/v1/crl.pem').expect(200);
  return parsePem(text).flatMap(({ label, der }) => {
    expect(label).toBe(crlPemLabel);
    return [...crlEntries(parseCrl(der))];
  });
}

describe('POST /api/v1/revocations', () => {
  it('answers once the CRL names the certificate', async () => {
    const { fingerprint, serial_number } = await service.issued();
    const { body } = await service.revoke(fingerprint).expect(200);
    expect(body).toMatchObject({ fingerprint, reason: 'key_compromise', newly_revoked: true, crl: 'published' });
    expect(await served()).toContainEqual(expect.objectContaining({ serialNumber: serial_number, reason: 1 }));
  });

  it('is idempotent: the first reason and time stand for ever', async () => {
    const { fingerprint } = await service.issued();
    const first = await service.revoke(fingerprint, 'superseded').expect(200);
    const second = await service.revoke(fingerprint, 'key_compromise').expect(200);
    expect(second.body).toEqual({ ...first.body, newly_revoked: false });
  });

  it('of one certificate by many at once is one entry', async () => {
    const { fingerprint } = await service.issued();
    const before = log.log.revoked.length;
    const answers = await Promise.all(Array.from({ length: 10 }, () => service.revoke(fingerprint).expect(200)));
    expect(answers.filter(({ body }) => body.newly_revoked)).toHaveLength(1);
    expect(log.log.revoked).toHaveLength(before + 1);
  });

  it.each(['certificate_hold', 'remove_from_crl'])('refuses %s and says why', async (reason) => {
    const { fingerprint } = await service.issued();
    const { body } = await service.revoke(fingerprint, reason).expect(422);
    expect(body.detail).toMatch(/a revoked certificate stays revoked/);
  });

  it.each([
    ['no reason', { fingerprint: 'ab'.repeat(32) }],
    ['no fingerprint', { reason: 'superseded' }],
    ['a fingerprint in capitals', { fingerprint: 'AB'.repeat(32), reason: 'superseded' }],
  ])('refuses %s', async (_what, body) => {
    await service.call('post', '/api/v1/revocations').send(body).expect(422);
  });

  it('answers 404 for a certificate that the log has never seen', async () => {
    const { body } = await service.revoke('ab'.repeat(32)).expect(404);
    expect(body.code).toBe('certificate_not_found');
  });

  it('records who asked, and checks that the log committed to it', async () => {
    const { fingerprint } = await service.issued();
    const context = { actor: 'user:4711', comment: 'lost laptop' };
    const send = () =>
      service.call('post', '/api/v1/revocations').send({ fingerprint, reason: 'key_compromise', context });
    log.faults = {
      only: 'revoked',
      falsify: (answer) => ({ ...answer, context_salt: Buffer.alloc(32).toString('base64') }),
    };
    await send().expect(503);
    log.faults = {};
    const { body } = await send().expect(200);
    expect(log.log.at(body.log_index).context).toEqual(context);
  });

  it.each([
    ['is down', { insteadOfAppending: () => problem(500, 'internal_error') }],
    ['breaks the connection after it appended', { afterAppending: () => 'drop' as const }],
  ])('answers 503 when the log %s, and works when asked again', async (_what, faults) => {
    const { fingerprint, serial_number } = await service.issued();
    log.faults = { only: 'revoked', ...faults };
    const { headers } = await service.revoke(fingerprint).expect(503);
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    log.faults = {};
    await service.revoke(fingerprint).expect(200);
    expect((await served()).map(({ serialNumber }) => serialNumber)).toContain(serial_number);
  });

  it('refuses a receipt for another certificate or another reason', async () => {
    const { fingerprint } = await service.issued();
    log.faults = {
      only: 'revoked',
      falsify: (answer, _entry, memory) => {
        const leaf = decodeLeaf(encodeLeaf(memory.at(answer.index).leaf));
        const changed = { ...leaf, ...(leaf.type === 'revoked' && { reason: 4 }) };
        const root = leafHash(encodeLeaf(changed));
        const checkpoint = signCheckpoint({ origin: log.signer.name, size: 1, root }, [log.signer]);
        const receipt = printReceipt({ extra: leafExtra(changed), index: 0, proof: [], checkpoint });
        return { ...answer, index: 0, receipt };
      },
    };
    const { body } = await service.revoke(fingerprint).expect(503);
    expect(body.code).toBe('log_receipt_not_verified');
  });

  it('says that the CRL is pending when it cannot be made, and publishes it later', async () => {
    const { fingerprint, serial_number } = await service.issued();
    log.faults = { only: 'crl', insteadOfAppending: () => problem(500, 'internal_error') };
    const { body } = await service.revoke(fingerprint).expect(200);
    expect(body).toMatchObject({ newly_revoked: true, crl: 'pending' });
    expect((await served()).map(({ serialNumber }) => serialNumber)).not.toContain(serial_number);
    log.faults = {};
    await service.call('post', '/api/v1/crl').expect(200);
    expect((await served()).map(({ serialNumber }) => serialNumber)).toContain(serial_number);
  });
});
