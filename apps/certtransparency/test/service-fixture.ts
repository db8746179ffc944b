import request from 'supertest';
import type { PrivateContext } from '@libs/contracts';
import { type LogDatabaseUrls } from '../src/database/provision';
import { issuedEntry, type TestCertificate, TestIssuer } from './certificate-fixture';
import {
  type LogDatabaseFixture,
  migratedLogDatabase,
  query,
  READER_KEY,
  type RunningLog,
  startLog,
  WRITER_KEY,
} from './log-fixture';

export interface IssuedThroughHttp {
  readonly certificate: TestCertificate;
  readonly index: number;
  readonly receipt: string;
  readonly context_salt: string | null;
}

/** One service on one database, spoken to over HTTP. */
export class LogService {
  private constructor(
    readonly database: LogDatabaseFixture,
    readonly log: RunningLog,
    readonly issuer: TestIssuer,
  ) {}

  /** @param reach how the service gets to its database */
  static async start(
    variables: Record<string, string> = {},
    reach: (database: LogDatabaseUrls) => Promise<LogDatabaseUrls> = (database) => Promise.resolve(database),
  ): Promise<LogService> {
    const database = await migratedLogDatabase();
    return new LogService(database, await startLog(await reach(database), { variables }), await TestIssuer.create());
  }

  async stop(): Promise<void> {
    await this.log.close();
    await this.database.drop();
  }

  get(path: string, key = READER_KEY): request.Test {
    return request(this.log.url).get(path).set('Authorization', `Bearer ${key}`);
  }

  post(path: string, body: object, key = WRITER_KEY): request.Test {
    return request(this.log.url).post(path).set('Authorization', `Bearer ${key}`).send(body);
  }

  append(body: object): request.Test {
    return this.post('/api/v1/entries', body);
  }

  /** How many entries the log has. */
  async size(): Promise<number> {
    const [row] = await query(this.database.superuserUrl, 'SELECT count(*)::int AS count FROM ct.entry');
    return Number(row?.['count']);
  }

  async issue(commonName = 'Zoë Example', context?: PrivateContext): Promise<IssuedThroughHttp> {
    const certificate = await this.issuer.certificate(commonName);
    const response = await this.append(issuedEntry(certificate, context)).expect(201);
    return { certificate, ...(response.body as Omit<IssuedThroughHttp, 'certificate'>) };
  }
}
