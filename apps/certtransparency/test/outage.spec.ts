import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '@libs/development';
import { Readiness } from '@libs/http';
import request from 'supertest';
import { AuditLog } from '../src/audit/audit-log';
import { issuedEntry, TestIssuer } from './certificate-fixture';
import { migratedLogDatabase, query, startLog, WRITER_KEY } from './log-fixture';

describe('an outage of the database', () => {
  it('is 503 with Retry-After, and over as soon as the database is back', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ovpn-outage-'));
    chmodSync(folder, 0o755);
    const dataDirectory = join(folder, 'data');
    let server = await startPostgres({ dataDirectory, port: 0, durable: true });
    const database = await migratedLogDatabase(server.url);
    const log = await startLog(database, { variables: { CT_DATABASE_CONNECT_TIMEOUT_MS: '500' } });
    const readiness = log.app.get(Readiness, { strict: false });
    const issuer = await TestIssuer.create();
    const append = async () =>
      request(log.url)
        .post('/api/v1/entries')
        .set('Authorization', `Bearer ${WRITER_KEY}`)
        .send(issuedEntry(await issuer.certificate()));
    try {
      expect((await append()).status).toBe(201);
      expect((await readiness.report()).status).toBe('ready');

      await server.stop();
      const down = await append();
      expect(down.status).toBe(503);
      expect(down.headers['retry-after']).toMatch(/^\d+$/);
      expect(down.body).toMatchObject({ code: 'log_unavailable' });
      expect(JSON.stringify(down.body)).not.toMatch(/ECONNREFUSED|ct_writer|password/);
      expect((await readiness.report()).status).toBe('not_ready');
      expect(await request(log.url).get('/checkpoint')).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });

      server = await startPostgres({ dataDirectory, port: server.port, durable: true });
      expect((await append()).status).toBe(201);
      expect((await readiness.report()).status).toBe('ready');
      expect(await query(database.superuserUrl, 'SELECT count(*) FROM ct.entry')).toEqual([{ count: '2' }]);
    } finally {
      await log.close();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('a service that is told to stop', () => {
  it('finishes what it has taken, and takes nothing more', async () => {
    const database = await migratedLogDatabase();
    const log = await startLog(database);
    const issuer = await TestIssuer.create();
    const audit = log.app.get(AuditLog, { strict: false });
    const certificates = await Promise.all(Array.from({ length: 600 }, () => issuer.certificate()));
    const taken = Promise.allSettled(certificates.map((certificate) => audit.append(issuedEntry(certificate))));
    await new Promise(setImmediate);
    await log.close();
    expect((await taken).filter(({ status }) => status === 'rejected')).toEqual([]);
    await expect(audit.append(issuedEntry(await issuer.certificate()))).rejects.toMatchObject({ code: 'log_stopping' });
    expect(await query(database.superuserUrl, 'SELECT count(*)::int AS n FROM ct.entry')).toEqual([{ n: 600 }]);
    await database.drop();
  });
});
