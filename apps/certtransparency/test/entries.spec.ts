import { randomBytes, randomUUID } from 'node:crypto';
import { actorCommitment, commitment, decodeLeaf, parseReceipt, rebuildLeaf, verifyReceipt } from '@libs/tlog';
import { issuedEntry } from './certificate-fixture';
import { READER_KEY } from './log-fixture';
import { LogService } from './service-fixture';

let service: LogService;

beforeAll(async () => {
  service = await LogService.start();
});

afterAll(() => service.stop());

describe('POST /api/v1/entries', () => {
  it('logs an issued certificate and answers a receipt that proves it', async () => {
    const context = {
      issuance_id: randomUUID(),
      user_id: randomUUID(),
      email: 'zoe@example.org',
      user_agent: 'curl/8 “é”',
    };
    const { certificate, receipt, context_salt } = await service.issue('Zoë Example', context);
    const rebuild = (extra: Buffer | undefined) => rebuildLeaf(extra ?? Buffer.of(), certificate.der);
    const proven = verifyReceipt(parseReceipt(receipt), rebuild, [service.log.signer.verifier]);
    const leaf = decodeLeaf(proven.leaf);
    expect(leaf).toMatchObject({
      type: 'issued',
      kind: 'user',
      commonName: 'Zoë Example',
      issuer: Buffer.from(service.issuer.id, 'hex'),
      serial: Buffer.from(certificate.serialNumber, 'hex'),
      commitment: commitment(Buffer.from(context_salt ?? '', 'base64'), context),
    });
    expect(Math.abs(leaf.loggedAt - Date.now())).toBeLessThan(60_000);
  });

  it('answers 200 with the same entry when the certificate is submitted again', async () => {
    const context = { issuance_id: randomUUID() };
    const { certificate, index, context_salt } = await service.issue('Again', context);
    const again = await service.append(issuedEntry(certificate, context)).expect(200);
    expect(again.body).toMatchObject({ index, known: true, context_salt });
    const rebuild = (extra: Buffer | undefined) => rebuildLeaf(extra ?? Buffer.of(), certificate.der);
    expect(verifyReceipt(parseReceipt(again.body.receipt), rebuild, [service.log.signer.verifier]).index).toBe(index);
  });

  it('refuses a second certificate for one issuance and names the first', async () => {
    const context = { issuance_id: randomUUID() };
    const { certificate } = await service.issue('First', context);
    const response = await service.append(issuedEntry(await service.issuer.certificate('Second'), context)).expect(409);
    expect(response.headers['content-type']).toMatch(/application\/problem\+json/);
    expect(response.body).toMatchObject({ code: 'issuance_known', fingerprint: certificate.fingerprint });
  });

  it('keeps a revocation and refuses none that comes after', async () => {
    const { certificate, index } = await service.issue('Revoked');
    const body = {
      type: 'revoked',
      fingerprint: certificate.fingerprint,
      reason: 'key_compromise',
      revoked_at: '2020-01-01T00:00:00.000Z',
      context: { actor: 'user:42' },
    };
    const first = await service.append(body).expect(201);
    const leaf = decodeLeaf(parseReceipt(first.body.receipt).extra ?? Buffer.of());
    const salt = Buffer.from(first.body.context_salt, 'base64');
    expect(leaf).toMatchObject({
      type: 'revoked',
      reason: 1,
      issuedIndex: index,
      actorCommitment: actorCommitment(salt, 'user:42'),
    });
    const second = await service
      .append({ ...body, reason: 'superseded', revoked_at: '2019-01-01T00:00:00Z' })
      .expect(200);
    expect(second.body.index).toBe(first.body.index);
    const record = await service.get(`/api/v1/certificates/${certificate.fingerprint}`).expect(200);
    expect(record.body.revocation).toEqual({
      index: first.body.index,
      reason: 'key_compromise',
      revoked_at: body.revoked_at,
    });
    // Submitted again, the certificate is the same revoked one.
    expect((await service.append(issuedEntry(certificate)).expect(200)).body.index).toBe(index);
  });

  it('refuses to revoke what it has never seen', async () => {
    const body = {
      type: 'revoked',
      fingerprint: '0'.repeat(64),
      reason: 'superseded',
      revoked_at: '2020-01-01T00:00:00Z',
    };
    expect((await service.append(body).expect(404)).body).toMatchObject({ code: 'certificate_not_found' });
  });

  it('logs a published CRL once', async () => {
    const body = { type: 'crl', issuer: service.issuer.id, crl_number: 7, crl_sha256: randomBytes(32).toString('hex') };
    const first = await service.append(body).expect(201);
    expect(decodeLeaf(parseReceipt(first.body.receipt).extra ?? Buffer.of())).toMatchObject({
      type: 'crl',
      crlNumber: 7,
    });
    expect((await service.append(body).expect(200)).body.index).toBe(first.body.index);
  });

  it.each([
    ['no type', {}, 'type'],
    ['an unknown type', { type: 'key_rotation' }, 'type'],
    [
      'an unknown field',
      { type: 'crl', issuer: 'a'.repeat(64), crl_number: 1, crl_sha256: 'b'.repeat(64), extra: 1 },
      'extra',
    ],
    [
      'a fractional number',
      { type: 'crl', issuer: 'a'.repeat(64), crl_number: 1.5, crl_sha256: 'b'.repeat(64) },
      'crl_number',
    ],
    [
      'an upper-case hash',
      { type: 'crl', issuer: 'A'.repeat(64), crl_number: 1, crl_sha256: 'b'.repeat(64) },
      'issuer',
    ],
    [
      'a certificate that is none',
      { type: 'issued', kind: 'user', issuer: 'a'.repeat(64), certificate: 'AAAA' },
      'certificate',
    ],
    [
      'an un-revoking reason',
      { type: 'revoked', fingerprint: 'a'.repeat(64), reason: 'remove_from_crl', revoked_at: '2020-01-01T00:00:00Z' },
      'reason',
    ],
    [
      'an impossible date',
      { type: 'revoked', fingerprint: 'a'.repeat(64), reason: 'superseded', revoked_at: '2020-13-41T00:00:00Z' },
      'revoked_at',
    ],
  ])('refuses a body with %s', async (_, body, field) => {
    const response = await service.append(body).expect(422);
    expect(response.headers['content-type']).toMatch(/application\/problem\+json/);
    expect(response.body.errors[0].field).toBe(field);
  });

  it.each([
    ['NUL', 'a\u0000b'],
    ['half a character', '\ud800'],
  ])('refuses %s in the context, and goes on', async (_, comment) => {
    const certificate = await service.issuer.certificate();
    await service.append(issuedEntry(certificate, { comment })).expect(422);
    await service.append(issuedEntry(certificate, { comment: 'sound' })).expect(201);
  });

  it('takes no more than its limit', async () => {
    await service.append({ type: 'issued', certificate: 'A'.repeat(300_000) }).expect(413);
  });
});

describe('POST /api/v1/crl-numbers', () => {
  it('gives every caller another number, with strictly increasing whole seconds', async () => {
    const body = { issuer: randomBytes(32).toString('hex') };
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => service.post('/api/v1/crl-numbers', body).expect(201)),
    );
    const given = answers.map(({ body: answer }) => answer as { number: number; this_update: string });
    given.sort((a, b) => a.number - b.number);
    expect(given.map(({ number }) => number)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    const times = given.map(({ this_update }) => Date.parse(this_update));
    for (const [i, time] of times.entries()) {
      expect(time % 1000).toBe(0);
      if (i > 0) expect(time - (times[i - 1] ?? 0)).toBeGreaterThanOrEqual(1000);
    }
    expect(Math.abs((times[0] ?? 0) - (Date.now() - 300_000))).toBeLessThan(5_000);
  });
});

describe('POST /api/v1/entries/batch', () => {
  const batch = (entries: readonly unknown[]) => service.post('/api/v1/entries/batch', { entries });

  it('answers each entry as if it had come alone', async () => {
    const context = { issuance_id: randomUUID() };
    const [first, second, third] = [
      await service.issuer.certificate('First of many'),
      await service.issuer.certificate('Second of many'),
      await service.issuer.certificate('Third of many'),
    ];
    const unknown = {
      type: 'revoked',
      fingerprint: '00'.repeat(32),
      reason: 'superseded',
      revoked_at: '2020-01-01T00:00:00Z',
    };
    const { body } = await batch([
      issuedEntry(first, context),
      issuedEntry(second, context),
      { ...unknown, reason: 'boredom' },
      unknown,
      issuedEntry(third),
      issuedEntry(first, context),
      { type: 'nothing' },
    ]).expect(200);
    const { outcomes } = body as { outcomes: { status: number; problem?: { code: string } }[] };
    expect(outcomes.map(({ status }) => status)).toEqual([201, 409, 422, 404, 201, 200, 422]);
    expect(outcomes[1]).toMatchObject({ problem: { code: 'issuance_known', fingerprint: first.fingerprint } });
    expect(outcomes[3]).toMatchObject({ problem: { code: 'certificate_not_found', status: 404 } });
    expect(outcomes[5]).toMatchObject({ entry: { known: true } });
  });

  it('answers receipts that prove each of them under one checkpoint', async () => {
    const certificates = await Promise.all(['One', 'Two', 'Three'].map((name) => service.issuer.certificate(name)));
    const { body } = await batch(certificates.map((certificate) => issuedEntry(certificate))).expect(200);
    const receipts = (body as { outcomes: { entry: { receipt: string; index: number } }[] }).outcomes;
    const checkpoints = receipts.map(({ entry }, position) => {
      const rebuild = (extra: Buffer | undefined) =>
        rebuildLeaf(extra ?? Buffer.of(), certificates[position]?.der ?? Buffer.of());
      const receipt = parseReceipt(entry.receipt);
      expect(verifyReceipt(receipt, rebuild, [service.log.signer.verifier]).index).toBe(entry.index);
      return receipt.checkpoint;
    });
    expect(new Set(checkpoints).size).toBe(1);
  });

  it.each([
    ['nothing', {}],
    ['no entries', { entries: [] }],
    ['something else than a list', { entries: { length: 1 } }],
    ['more than it takes', { entries: Array.from({ length: 65 }, () => ({})) }],
    ['members that it does not know', { entries: [{}], other: 1 }],
  ])('refuses %s', async (_what, body) => {
    await service.post('/api/v1/entries/batch', body).expect(422);
  });

  it('is for the signing service alone', async () => {
    await service.post('/api/v1/entries/batch', { entries: [{}] }, READER_KEY).expect(403);
  });
});
