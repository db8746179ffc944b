import { openCheckpoint } from '@libs/tlog';
import request from 'supertest';
import { migratedLogDatabase, READER_KEY, startLog, WRITER_KEY } from './log-fixture';
import { LogService } from './service-fixture';

let service: LogService;

beforeAll(async () => {
  service = await LogService.start();
});

afterAll(() => service.stop());

describe('access', () => {
  const routes: [string, string, number][] = [
    ['GET', '/api/v1/certificates', 200],
    ['GET', '/api/v1/revocations?since=0', 200],
    ['POST', '/api/v1/entries', 422],
    ['POST', '/api/v1/crl-numbers', 422],
  ];

  it.each(routes)('%s %s needs a key', async (method, path, status) => {
    const call = () =>
      method === 'GET' ? request(service.log.url).get(path) : request(service.log.url).post(path).send({});
    const refused = await call().expect(401);
    expect(refused.headers['www-authenticate']).toMatch(/^Bearer/);
    await call()
      .set('Authorization', `Bearer ${'x'.repeat(40)}`)
      .expect(401);
    await call().set('Authorization', `Bearer ${WRITER_KEY}`).expect(status);
    await call()
      .set('Authorization', `Bearer ${READER_KEY}`)
      .expect(method === 'GET' ? 200 : 403);
  });

  it('is open for the checkpoint and the health alone', async () => {
    await request(service.log.url).get('/checkpoint').expect(200).expect('Content-Type', 'text/plain; charset=utf-8');
    await request(service.log.url).head('/checkpoint').expect(200);
    await request(service.log.url).get('/health').expect(200);
    await request(service.log.url).get('/api/v1/nothing').set('Authorization', `Bearer ${READER_KEY}`).expect(404);
  });

  it('describes itself', async () => {
    const { body } = await request(service.log.url).get('/api/v1/openapi.json').expect(200);
    expect(Object.keys(body.paths)).toEqual(
      expect.arrayContaining([
        '/api/v1/entries',
        '/api/v1/crl-numbers',
        '/api/v1/certificates',
        '/api/v1/revocations',
        '/checkpoint',
      ]),
    );
  });
});

describe('an empty log', () => {
  it('has a checkpoint of size 0 and proofs of nothing', async () => {
    const empty = await migratedLogDatabase();
    const log = await startLog(empty);
    try {
      const { text } = await request(log.url).get('/checkpoint').expect(200);
      expect(openCheckpoint(text, [log.signer.verifier])).toMatchObject({ size: 0, origin: log.signer.name });
      const feed = await request(log.url)
        .get('/api/v1/revocations?since=0')
        .set('Authorization', `Bearer ${READER_KEY}`);
      expect(feed.body).toEqual({ items: [], next_since: 0, complete: true });
    } finally {
      await log.close();
      await empty.drop();
    }
  });
});
