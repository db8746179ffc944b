import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedPostgres } from '@libs/development';
import { startTestPostgres, testDatabases } from '@libs/testing';
import { generateNoteKey } from '@libs/tlog';
import { logDataSourceOptions } from '../../apps/certtransparency/src/database/data-source-options';
import { migrations as logMigrations } from '../../apps/certtransparency/src/database/migrations';
import { TestIssuer } from '../../apps/certtransparency/test/certificate-fixture';
import { logContent, writeContent } from '../../apps/certtransparency/test/log-content';
import { POOL, READER_KEY, WRITER_KEY } from '../../apps/certtransparency/test/log-fixture';
import { frontendDataSourceOptions } from '../../apps/frontend/src/database/data-source-options';
import { migrations } from '../../apps/frontend/src/database/migrations';
import { issuingEnvironment } from '../../apps/frontend/test/support/issuing-frontend';
import { restrictedTo, VersionedDatabase } from '../../apps/frontend/test/support/versioned-database';
import { KillableService } from '../log/support/killable-service';
import { VersionedLog } from './support/versioned-log';
import { startTogether } from './support/starting-line';

const REPLICAS = 4;
/** Half of the frontend's migrations come after it, tables and columns alike. */
const HALF_WAY = 'CreateSettings1764000402000';
const NOWHERE = 'http://127.0.0.1:9';

let postgres: EmbeddedPostgres;
let folder: string;
let services: readonly KillableService[] = [];

beforeAll(async () => {
  postgres = await startTestPostgres();
  process.env['TEST_POSTGRES_URL'] = postgres.url;
});
afterAll(() => postgres.stop());

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ovpn-replicas-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const replicas = (create: () => Promise<KillableService>) => Promise.all(Array.from({ length: REPLICAS }, create));

const stopReplicas = () => Promise.all(services.map((service) => service.stop()));

describe.each(testDatabases())('four frontends that start together on $name', (kind) => {
  let database: VersionedDatabase;

  beforeEach(async () => {
    database = await VersionedDatabase.create(kind);
    services = await replicas(() =>
      KillableService.create({
        app: 'frontend',
        prefix: 'FRONTEND',
        variables: issuingEnvironment(database.url, NOWHERE, folder),
      }),
    );
  });
  afterEach(async () => {
    await stopReplicas();
    await database.drop();
  });

  const start = () => startTogether(services, frontendDataSourceOptions({ databaseUrl: database.url, pool: POOL }));

  it('are all ready, and have brought an empty database up to date once', async () => {
    await database.empty();
    await start();
    expect(await database.applied()).toEqual(migrations.map(({ name }) => name));
  });

  it('are all ready, and have brought an older version up to date once, with every row untouched', async () => {
    await database.fallBelow(HALF_WAY);
    const before = await database.contents();
    await start();
    expect(await database.applied()).toEqual(migrations.map(({ name }) => name));
    expect(restrictedTo(await database.contents(), before)).toEqual(before);
  });
});

describe('four replicas of the log that start together', () => {
  let log: VersionedLog;
  const signer = generateNoteKey('log.test/replicas');

  beforeEach(async () => {
    log = await VersionedLog.create(postgres.url);
    services = await replicas(() =>
      KillableService.create({
        app: 'certtransparency',
        prefix: 'CT',
        variables: {
          CT_DATABASE_URL: log.database.writerUrl,
          CT_MIGRATOR_DATABASE_URL: log.database.migratorUrl,
          CT_WRITER_KEYS: WRITER_KEY,
          CT_READER_KEYS: READER_KEY,
          CT_CHECKPOINT_KEY: signer.printPrivateKey(),
        },
      }),
    );
  });
  afterEach(async () => {
    await stopReplicas();
    await log.database.drop();
  });

  const start = () => startTogether(services, logDataSourceOptions(log.database.migratorUrl, POOL));

  it('are all ready, and have brought an empty database up to date once', async () => {
    await start();
    expect(await log.applied()).toEqual(logMigrations.map(({ name }) => name));
  });

  it('are all ready, and have brought an older version up to date once, with every entry untouched', async () => {
    await log.up();
    await writeContent(log.database, signer, await logContent(await TestIssuer.create(), signer.name));
    await log.downTo('FreezeLog1763971202000');
    const before = await log.contents();
    await start();
    expect(await log.applied()).toEqual(logMigrations.map(({ name }) => name));
    expect(await log.contents()).toEqual(before);
  });
});
