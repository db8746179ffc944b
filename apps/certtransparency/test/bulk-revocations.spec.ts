import { randomUUID } from 'node:crypto';
import type { BulkRevocationOutcome, BulkRevocationPreview, PrivateContext } from '@libs/contracts';
import {
  decodeLeaf,
  Frontier,
  generateNoteKey,
  leafHash,
  openCheckpoint,
  parseVerifierKey,
  printVerifierKey,
} from '@libs/tlog';
import request from 'supertest';
import { AuditLog } from '../src/audit/audit-log';
import { issuedEntry, TestIssuer } from './certificate-fixture';
import {
  type LogDatabaseFixture,
  migratedLogDatabase,
  query,
  READER_KEY,
  type RunningLog,
  startLog,
  WRITER_KEY,
} from './log-fixture';

const DAY_MS = 86_400_000;

describe('bulk revocation', () => {
  const signer = generateNoteKey('log.test/bulk');
  let database: LogDatabaseFixture;
  let replicas: RunningLog[];
  let issuer: TestIssuer;

  beforeAll(async () => {
    database = await migratedLogDatabase();
    replicas = [await startLog(database, { signer }), await startLog(database, { signer })];
    issuer = await TestIssuer.create();
  });

  afterAll(async () => {
    await Promise.all(replicas.map((replica) => replica.close()));
    await database.drop();
  });

  const replica = (i = 0) => {
    const chosen = replicas[i % replicas.length];
    if (chosen === undefined) throw new Error('no replica');
    return chosen;
  };
  const issue = async (context: PrivateContext, { by = issuer, notAfter = Date.now() + 90 * DAY_MS, to = 0 } = {}) => {
    const certificate = await by.certificate('Ada', 'user', new Date(notAfter));
    const { index } = await replica(to).app.get(AuditLog, { strict: false }).append(issuedEntry(certificate, context));
    return { ...certificate, index };
  };
  const revokeOne = async (fingerprint: string) =>
    replica()
      .app.get(AuditLog, { strict: false })
      .append({
        ...{ type: 'revoked', fingerprint, reason: 'superseded', revoked_at: new Date().toISOString() },
      });
  const preview = (of: Record<string, string>, key = READER_KEY) =>
    request(replica().url).get('/api/v1/revocations/bulk').query(of).set('Authorization', `Bearer ${key}`);
  const previewed = async (of: Record<string, string>): Promise<BulkRevocationPreview> => (await preview(of)).body;
  const revoke = (body: object, { key = WRITER_KEY, on = 0 } = {}) =>
    request(replica(on).url)
      .post('/api/v1/revocations/bulk')
      .set('Authorization', `Bearer ${key}`)
      .send({ reason: 'privilege_withdrawn', revoked_at: new Date().toISOString(), ...body });
  const revocations = async (of: readonly { fingerprint: string }[]) =>
    query(
      database.superuserUrl,
      "SELECT encode(fingerprint, 'hex') AS fingerprint, idx FROM ct.revocation WHERE encode(fingerprint, 'hex') = ANY ($1) ORDER BY idx",
      [of.map(({ fingerprint }) => fingerprint)],
    );

  it('revokes what is active of a user, in the order of the log, under one checkpoint', async () => {
    const user = randomUUID();
    const context = { user_id: user };
    const expired = await issue(context, { notAfter: Date.now() - DAY_MS });
    const revoked = await issue(context);
    await revokeOne(revoked.fingerprint);
    const active = [await issue(context), await issue(context), await issue(context)];
    const other = await issue({ user_id: randomUUID() });
    const { count, confirmation } = await previewed({ user_id: user });
    expect(count).toBe(3);

    const { body, status } = await revoke({ user_id: user, confirmation, context: { actor: 'user:4711' } });
    expect(status).toBe(200);
    const outcome = body as BulkRevocationOutcome;
    if (outcome.known) throw new Error('not known before');
    expect(outcome.revoked).toEqual(
      active.map(({ fingerprint, index }) => ({ fingerprint, issuer: issuer.id, index })),
    );
    expect(await revocations([...active, expired, other])).toEqual(
      active.map(({ fingerprint }, i) => ({ fingerprint, idx: String(outcome.first_index + i) })),
    );
    // The entries and the frontier before them lead to the checkpoint.
    const frontier = Frontier.deserialize(outcome.first_index, Buffer.from(outcome.frontier, 'base64'));
    const rows = await query(database.superuserUrl, 'SELECT leaf FROM ct.entry WHERE idx >= $1 ORDER BY idx', [
      outcome.first_index,
    ]);
    for (const { leaf } of rows) frontier.append(leafHash(leaf as Buffer));
    const checkpoint = openCheckpoint(String(outcome.checkpoint), [
      parseVerifierKey(printVerifierKey(signer.verifier)),
    ]);
    expect({ size: frontier.size, root: frontier.root() }).toEqual({ size: checkpoint.size, root: checkpoint.root });
    expect(decodeLeaf(rows[0]?.['leaf'] as Buffer)).toMatchObject({
      type: 'revoked',
      reason: 9,
      issuedIndex: active[0]?.index,
    });
    await expect(previewed({ user_id: user })).resolves.toMatchObject({ count: 0 });
  });

  it('goes by pre-shared key and by issuer as well', async () => {
    const other = await TestIssuer.create();
    const psk = randomUUID().slice(0, 16);
    const ofKey = await issue({ psk_id: psk });
    const ofIssuer = [await issue({}, { by: other }), await issue({ psk_id: psk }, { by: other })];
    await expect(previewed({ psk_id: psk })).resolves.toMatchObject({ count: 2 });
    await expect(previewed({ issuer: other.id })).resolves.toMatchObject({ count: 2 });
    expect((await revoke({ psk_id: psk })).body.revoked).toHaveLength(2);
    expect((await revoke({ issuer: other.id })).body.revoked).toHaveLength(1);
    await expect(revocations([ofKey, ...ofIssuer])).resolves.toHaveLength(3);
  });

  it('is refused when a certificate was issued since the preview, and does nothing', async () => {
    const context = { user_id: randomUUID() };
    const certificates = [await issue(context)];
    const { confirmation } = await previewed({ user_id: context.user_id });
    certificates.push(await issue(context));
    const { body, status } = await revoke({ user_id: context.user_id, confirmation });
    expect({ status, code: body.code, count: body.count }).toEqual({
      ...{ status: 409, code: 'revocation_set_changed', count: 2 },
    });
    await expect(revocations(certificates)).resolves.toEqual([]);
  });

  it('is refused when one of several was revoked since the preview', async () => {
    const context = { user_id: randomUUID() };
    const certificates = [await issue(context), await issue(context)];
    const { confirmation } = await previewed({ user_id: context.user_id });
    await revokeOne(certificates[0]?.fingerprint ?? '');
    expect((await revoke({ user_id: context.user_id, confirmation })).status).toBe(409);
    await expect(revocations(certificates)).resolves.toHaveLength(1);
  });

  it('confirms for one user only, and by a value that a preview made', async () => {
    const [one, two] = [randomUUID(), randomUUID()];
    await issue({ user_id: one });
    await issue({ user_id: two });
    const { confirmation } = await previewed({ user_id: one });
    expect((await revoke({ user_id: two, confirmation })).status).toBe(409);
    const wrong = confirmation.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'));
    expect((await revoke({ user_id: one, confirmation: wrong })).status).toBe(409);
    for (const malformed of ['', '1.2.3', `0${confirmation}`, `${confirmation}0`, `9999999999999999${confirmation}`]) {
      expect((await revoke({ user_id: one, confirmation: malformed })).status).toBe(422);
    }
    await expect(previewed({ user_id: one })).resolves.toMatchObject({ count: 1 });
  });

  it('answers a repetition as done, whatever was issued since', async () => {
    const context = { user_id: randomUUID() };
    const certificates = [await issue(context), await issue(context)];
    const { confirmation } = await previewed({ user_id: context.user_id });
    const first = await revoke({ user_id: context.user_id, confirmation });
    expect(first.body.known).toBe(false);
    const later = await issue(context);
    const again = await revoke({ user_id: context.user_id, confirmation }, { on: 1 });
    expect(again.status).toBe(200);
    expect(again.body).toEqual({
      known: true,
      count: 2,
      last_index: Number(first.body.first_index) + 1,
      issuers: [issuer.id],
    });
    await expect(revocations([...certificates, later])).resolves.toHaveLength(2);
  });

  it('appends nothing when there is nothing to revoke', async () => {
    const user_id = randomUUID();
    const { confirmation, count } = await previewed({ user_id });
    expect(count).toBe(0);
    const { body } = await revoke({ user_id, confirmation });
    expect(body).toMatchObject({ known: false, revoked: [], checkpoint: null });
    expect((await revoke({ user_id })).body).toMatchObject({ known: false, revoked: [] });
  });

  it('refuses questions that name nobody, two, or nonsense', async () => {
    const user_id = randomUUID();
    for (const whose of [
      {},
      { user_id, psk_id: 'x' },
      { user_id: 'ada' },
      { psk_id: '' },
      { issuer: 'AB' },
      { x: '1' },
    ]) {
      expect((await preview(whose as Record<string, string>)).status).toBe(422);
      expect((await revoke(whose)).status).toBe(422);
    }
    for (const nothing of ['psk_id', 'issuer', 'confirmation', 'reason', 'revoked_at']) {
      expect((await revoke({ user_id, [nothing]: null })).status).toBe(422);
    }
    for (const reason of ['certificate_hold', 'remove_from_crl', undefined]) {
      expect((await revoke({ user_id, reason })).status).toBe(422);
    }
  });

  it('is for signing alone; looking is for whoever reads', async () => {
    expect((await revoke({ user_id: randomUUID() }, { key: READER_KEY })).status).toBe(403);
    expect((await preview({ user_id: randomUUID() }, 'x'.repeat(40))).status).toBe(401);
  });

  it('of one user by fifty at once on two replicas revokes each certificate once', async () => {
    const context = { user_id: randomUUID() };
    const certificates = await Promise.all(Array.from({ length: 20 }, async (_, i) => issue(context, { to: i })));
    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_, on) => (await revoke({ user_id: context.user_id }, { on })).body),
    );
    expect(answers.map(({ revoked }) => (revoked as unknown[]).length).filter((count) => count > 0)).toEqual([20]);
    await expect(revocations(certificates)).resolves.toHaveLength(20);
  });

  it('while fifty are issued revokes all that came before its entries and none that came after', async () => {
    const context = { user_id: randomUUID() };
    const issuing = Array.from({ length: 50 }, async (_, i) => issue(context, { to: i }));
    // Not at once: the replica's queue is to hold entries on either side of it.
    await Promise.race(issuing);
    const [revoked, certificates] = await Promise.all([
      Promise.all([0, 1].map((on) => revoke({ user_id: context.user_id }, { on }))),
      Promise.all(issuing),
    ]);
    const outcomes = revoked.map(({ body }) => body as Extract<BulkRevocationOutcome, { known: false }>);
    const effective = outcomes.filter((outcome) => outcome.revoked.length > 0);
    expect(effective.length).toBeGreaterThan(0);
    const last = Math.max(...effective.map(({ first_index }) => first_index));
    for (const certificate of certificates) {
      const by = effective.filter((outcome) => outcome.revoked.some(({ index }) => index === certificate.index));
      expect(by).toHaveLength(certificate.index < last ? 1 : 0);
    }
    const first = effective.map((outcome) => outcome.first_index);
    // Each took what was there when its turn had come, to the last.
    for (const [i, outcome] of effective.entries()) {
      for (const { index } of outcome.revoked) expect(index).toBeLessThan(first[i] ?? 0);
    }
  });
});
