import { randomUUID } from 'node:crypto';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import request from 'supertest';
import { generateNoteKey, parseReceipt, rebuildLeaf, verifyReceipt } from '@libs/tlog';
import { issuedEntry, TestIssuer } from './certificate-fixture';
import {
  type LogDatabaseFixture,
  migratedLogDatabase,
  query,
  type RunningLog,
  startLog,
  WRITER_KEY,
} from './log-fixture';

/** Stands before a PostgreSQL server and cuts connections around a COMMIT, as a network would. */
class CuttingProxy {
  /** `before`: the COMMIT does not get through; `after`: it does, and its answer does not. */
  cut: 'never' | 'before' | 'after' = 'never';
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async before(databaseUrl: string): Promise<CuttingProxy> {
    const target = new URL(databaseUrl);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = new URL(databaseUrl);
    url.port = String((server.address() as AddressInfo).port);
    const proxy = new CuttingProxy(server, url.toString());
    server.on('connection', (client) => proxy.forward(client, Number(target.port), target.hostname));
    return proxy;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private forward(client: Socket, port: number, host: string): void {
    const upstream = connect(port, host);
    let deaf = false;
    for (const socket of [client, upstream]) {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        this.sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (data) => {
      const commit = data.indexOf('COMMIT\0');
      if (this.cut === 'never' || commit < 0) {
        upstream.write(data);
        return;
      }
      const when = this.cut;
      this.cut = 'never';
      deaf = true;
      // A simple query is the letter Q and four bytes of length before its text.
      upstream.write(when === 'before' ? data.subarray(0, commit - 5) : data);
      setTimeout(() => client.destroy(), 150);
    });
    upstream.on('data', (data) => {
      if (!deaf) client.write(data);
    });
  }
}

const signer = generateNoteKey('log.test/ambiguous');
let database: LogDatabaseFixture;
let proxy: CuttingProxy;
let log: RunningLog;
let issuer: TestIssuer;

beforeAll(async () => {
  issuer = await TestIssuer.create();
  database = await migratedLogDatabase();
  proxy = await CuttingProxy.before(database.writerUrl);
  log = await startLog({ ...database, writerUrl: proxy.url }, { signer });
});

afterAll(async () => {
  await log.close();
  await proxy.close();
  await database.drop();
});

const post = (body: object) =>
  request(log.url).post('/api/v1/entries').set('Authorization', `Bearer ${WRITER_KEY}`).send(body);

const size = async () => (await query(database.superuserUrl, 'SELECT count(*)::int AS n FROM ct.entry'))[0]?.['n'];

describe('a commit without an answer', () => {
  it.each([
    ['that the database did not get', 'before', 201, false],
    ['that the database has made', 'after', 200, true],
  ] as const)('%s is 503, and the retry gets the receipt of the one entry', async (_, cut, status, known) => {
    const certificate = await issuer.certificate();
    const entry = issuedEntry(certificate);
    const before = Number(await size());
    proxy.cut = cut;
    expect(await post(entry)).toMatchObject({ status: 503, body: { code: 'log_unavailable' } });
    const retried = await post(entry);
    expect(retried).toMatchObject({ status, body: { known, index: before } });
    const rebuild = (extra: Buffer | undefined) => rebuildLeaf(extra ?? Buffer.of(), certificate.der);
    expect(verifyReceipt(parseReceipt(String(retried.body.receipt)), rebuild, [signer.verifier]).index).toBe(before);
    expect(await size()).toBe(before + 1);
  });

  it.each([
    ['that the database did not get', 'before', false],
    ['that the database has made', 'after', true],
  ] as const)('of a bulk, %s, leaves all or nothing revoked, and the retry says which', async (_, cut, known) => {
    const user = randomUUID();
    for (const certificate of await Promise.all(Array.from({ length: 20 }, () => issuer.certificate()))) {
      await post(issuedEntry(certificate, { user_id: user }));
    }
    const bulk = '/api/v1/revocations/bulk';
    const authorization = { authorization: `Bearer ${WRITER_KEY}` };
    const { body: preview } = await request(log.url).get(bulk).query({ user_id: user }).set(authorization);
    const order = { user_id: user, reason: 'superseded', revoked_at: new Date().toISOString() };
    const revoke = () =>
      request(log.url)
        .post(bulk)
        .set(authorization)
        .send({ ...order, confirmation: preview.confirmation });
    const before = Number(await size());
    proxy.cut = cut;
    expect(await revoke()).toMatchObject({ status: 503, body: { code: 'log_unavailable' } });
    expect(Number(await size()) - before).toBe(known ? 20 : 0);
    expect(await revoke()).toMatchObject({ status: 200, body: { known } });
    expect(Number(await size()) - before).toBe(20);
  });

  it('leaves nothing behind that a batch of others would stumble over', async () => {
    const certificates = await Promise.all(Array.from({ length: 30 }, () => issuer.certificate()));
    const before = Number(await size());
    for (const cut of ['after', 'before'] as const) {
      proxy.cut = cut;
      await Promise.all(certificates.map((certificate) => post(issuedEntry(certificate))));
    }
    const answers = await Promise.all(certificates.map((certificate) => post(issuedEntry(certificate))));
    expect(answers.every(({ status }) => status === 200 || status === 201)).toBe(true);
    expect(new Set(answers.map(({ body }) => Number(body.index))).size).toBe(30);
    expect(await size()).toBe(before + 30);
  });
});
