import { randomUUID } from 'node:crypto';
import { actorCommitment, canonicalJson, parseReceipt, rebuildLeaf, verifyReceipt } from '@libs/tlog';
import { ContextErasures } from '../src/audit/context-erasures';
import { query, READER_KEY, WRITER_KEY } from './log-fixture';
import { LogService } from './service-fixture';

const ERASER_KEY = 'e'.repeat(40);
const REASON = { reason: 'asked for', actor: 'user:7' };
let service: LogService;

beforeAll(async () => {
  service = await LogService.start({ CT_ERASER_KEYS: ERASER_KEY });
});

afterAll(() => service.stop());

const erase = (body: object, key = ERASER_KEY) => service.post('/api/v1/context-erasures', body, key);
const contextOf = async (fingerprint: string) =>
  (await service.get(`/api/v1/certificates/${fingerprint}`).expect(200)).body.context;

describe('POST /api/v1/context-erasures', () => {
  it('erases by index, and every proof stays', async () => {
    const context = { user_id: randomUUID(), email: 'zoe@example.org' };
    const { certificate, index, context_salt } = await service.issue('Erased', context);
    const kept = await service.issue('Kept', context);
    expect(await contextOf(certificate.fingerprint)).toMatchObject(context);
    const { body } = await erase({ indexes: [index, 1_000_000], ...REASON }).expect(201);
    expect(body).toMatchObject({ indexes: [index], complete: true });
    expect(await contextOf(certificate.fingerprint)).toBeNull();
    expect(await contextOf(kept.certificate.fingerprint)).toMatchObject(context);
    const { text } = await service.get(`/api/v1/proofs/inclusion?fingerprint=${certificate.fingerprint}`).expect(200);
    const receipt = text.startsWith('{') ? String(JSON.parse(text).receipt) : text;
    const rebuild = (extra: Buffer | undefined) => rebuildLeaf(extra ?? Buffer.of(), certificate.der);
    expect(verifyReceipt(parseReceipt(receipt), rebuild, [service.log.signer.verifier]).index).toBe(index);
    // Who has kept the context and its salt can still show that they are what was recorded.
    const proof = { index, salt: context_salt, context: canonicalJson(context) };
    const prove = (changes: object) => service.post('/api/v1/context-proofs', { ...proof, ...changes }, READER_KEY);
    expect((await prove({}).expect(200)).body).toEqual({ proven: true });
    const other = canonicalJson({ ...context, email: 'eve@example.org' });
    expect((await prove({ context: other }).expect(200)).body).toEqual({ proven: false });
    expect((await prove({ index: kept.index }).expect(200)).body).toEqual({ proven: false });
    expect((await prove({ index: 1_000_000 }).expect(404)).body).toMatchObject({ code: 'entry_not_found' });
  });

  it('erases all of a user, and finds nothing the second time', async () => {
    const user_id = randomUUID();
    const issued = await Promise.all([1, 2, 3].map(() => service.issue('Of a user', { user_id })));
    const { body } = await erase({ user_id, ...REASON }).expect(201);
    expect(body.indexes).toEqual(issued.map(({ index }) => index).sort((a, b) => a - b));
    expect((await erase({ user_id, ...REASON }).expect(201)).body).toMatchObject({ indexes: [], complete: true });
    expect((await service.get(`/api/v1/certificates?user_id=${user_id}`).expect(200)).body.items).toEqual([]);
  });

  it('records for ever when, why, and in a commitment by whom', async () => {
    const { index } = await service.issue('Recorded', { subject: 'zoe' });
    const { body } = await erase({ indexes: [index], ...REASON }).expect(201);
    const [row] = await query(service.database.readerUrl, `SELECT * FROM ct.erasure WHERE idx = ${index}`);
    expect(row).toMatchObject({
      request: body.erasure_id,
      reason: 'asked for',
      actor_commitment: actorCommitment(Buffer.from(body.actor_salt, 'base64'), 'user:7'),
      erased_at: expect.any(Date),
    });
    expect(JSON.stringify(await query(service.database.superuserUrl, 'SELECT * FROM ct.erasure'))).not.toMatch(
      /user:7/,
    );
  });

  it('is for eraser keys alone', async () => {
    const body = { indexes: [0], ...REASON };
    await erase(body, WRITER_KEY).expect(403);
    await erase(body, READER_KEY).expect(403);
    await erase(body, 'x'.repeat(40)).expect(401);
    await service.get('/api/v1/certificates', ERASER_KEY).expect(403);
    const closed = await LogService.start();
    await closed.post('/api/v1/context-erasures', body, ERASER_KEY).expect(401);
    await closed.post('/api/v1/context-erasures', body, WRITER_KEY).expect(403);
    await closed.stop();
  });

  it.each([
    ['neither entries nor a user', REASON, 'indexes'],
    ['both', { indexes: [0], user_id: randomUUID(), ...REASON }, 'indexes'],
    ['no entries', { indexes: [], ...REASON }, 'indexes'],
    ['a negative index', { indexes: [-1], ...REASON }, 'indexes'],
    ['a user that is none', { user_id: 'zoe', ...REASON }, 'user_id'],
    ['no reason', { indexes: [0], actor: 'user:7' }, 'reason'],
    ['no actor', { indexes: [0], reason: 'asked for' }, 'actor'],
    ['more than it knows', { indexes: [0], ...REASON, force: true }, 'force'],
  ])('refuses %s', async (_, body, field) => {
    const response = await erase(body).expect(422);
    expect(response.body.errors[0].field).toBe(field);
  });
});

describe('the table of private contexts', () => {
  it('lets a row go for its record only, whoever deletes it', async () => {
    const { index } = await service.issue('Stays', { subject: 'zoe' });
    const drop = `DELETE FROM ct.private_context WHERE idx = ${index}`;
    await expect(query(service.database.superuserUrl, drop)).rejects.toMatchObject({ code: 'CT010' });
    await expect(query(service.database.writerUrl, drop)).rejects.toMatchObject({ code: '42501' });
    const record = (idx: number) => `INSERT INTO ct.erasure VALUES (${idx}, gen_random_uuid(), 'why', sha256('who'))`;
    await expect(query(service.database.writerUrl, record(index))).rejects.toMatchObject({ code: '42501' });
    await expect(query(service.database.superuserUrl, record(999_999))).rejects.toMatchObject({ code: 'CT011' });
    await expect(query(service.database.superuserUrl, 'UPDATE ct.erasure SET reason = reason')).rejects.toMatchObject({
      code: 'CT010',
    });
  });

  it('loses a row once when many erase it', async () => {
    const { index } = await service.issue('Once', { subject: 'zoe' });
    const erasures = service.log.app.get(ContextErasures, { strict: false });
    const results = await Promise.all(
      Array.from({ length: 8 }, () => erasures.erase({ indexes: [index], reason: 'race', actor: 'user:7' })),
    );
    expect(results.flatMap(({ indexes }) => indexes)).toEqual([index]);
  });
});
