import { DataLossRefused, runMigrations } from '@libs/database';
import { testDatabases, type TestDatabaseKind } from '@libs/testing';
import { DataSource } from 'typeorm';
import type { QueryDeepPartialEntity } from 'typeorm/query-builder/QueryPartialEntity';
import { frontendDataSourceOptions } from '../src/database/data-source-options';
import { entities } from '../src/database/entities';
import { migrations } from '../src/database/migrations';
import { CreateProfileSessions1764000006000 } from '../src/database/migrations/1764000006000-create-profile-sessions';
import { DownloadToken } from '../src/download-tokens/download-token.entity';
import { Issuance } from '../src/issuances/issuance.entity';
import { ProfileSession } from '../src/issuances/profile-session.entity';
import { Psk } from '../src/psks/psk.entity';
import { User } from '../src/users/user.entity';

const pool = { size: 4, connectTimeoutMs: 5_000, statementTimeoutMs: 15_000 };
const NOW = new Date('2026-05-04T03:02:01.987Z');
const HASH = 'a'.repeat(64);

const user = {
  id: 'user',
  issuer: 'https://idp.example.org',
  subject: 'ada',
  name: 'Ada',
  email: null,
  groups: ['a', 'b'],
  createdAt: NOW,
  lastLoginAt: NOW,
  disabledAt: null,
} satisfies User;
const psk = {
  id: 'psk',
  publicId: '0123456789abcdef',
  secretHash: HASH,
  kind: 'server',
  commonName: 'vpn.example.org',
  templateSet: 'Default',
  description: '',
  allowedNetworks: [],
  labels: {},
  expiresAt: NOW,
  useLimit: 3,
  uses: 1,
  lastUsedAt: null,
  createdAt: NOW,
  createdBy: 'user',
  revokedAt: null,
  revokedBy: null,
} satisfies Psk;
const issuance = {
  id: 'issuance',
  kind: 'user',
  userId: 'user',
  pskId: null,
  commonName: 'ada',
  template: 'default',
  options: ['x'],
  deviceName: null,
  idempotencyHash: null,
  requestHash: null,
  state: 'issued',
  holdsCredential: false,
  serialNumber: 'A'.repeat(40),
  fingerprint: HASH,
  logIndex: 9_007_199_254_740_991,
  errorCode: null,
  expiresAt: NOW,
  createdAt: NOW,
  leaseUntil: NOW,
  finishedAt: NOW,
  revokedAt: null,
} satisfies Issuance;
const token = {
  tokenHash: HASH,
  userId: 'user',
  groups: ['a'],
  options: [],
  deviceName: null,
  codeChallenge: null,
  createdAt: NOW,
  expiresAt: NOW,
  claimedAt: NOW,
  spentAt: null,
  issuanceId: 'issuance',
  exchangedAt: null,
  reuseCount: 0,
  lastReusedAt: null,
  lastReusedFrom: null,
} satisfies DownloadToken;

/** Names of the migrations after this one, the newest first. */
function newerThan(migration: (typeof migrations)[number]): readonly string[] {
  return migrations
    .slice(migrations.indexOf(migration) + 1)
    .map(({ name }) => name)
    .reverse();
}

interface MigratedDatabase {
  readonly dataSource: DataSource;
  readonly drop: () => Promise<void>;
}

async function migrated({ create }: TestDatabaseKind): Promise<MigratedDatabase> {
  const database = await create();
  const options = frontendDataSourceOptions({ databaseUrl: database.url, pool });
  await runMigrations(options);
  const dataSource = await new DataSource(options).initialize();
  const drop = async () => {
    await dataSource.destroy();
    await database.drop();
  };
  return { dataSource, drop };
}

describe.each(testDatabases())('migrations on $name', (database) => {
  let dataSource: DataSource;
  let drop: () => Promise<void>;

  beforeEach(async () => {
    ({ dataSource, drop } = await migrated(database));
  });
  afterEach(() => drop());

  const fill = async () => {
    await dataSource.getRepository(User).insert(user);
    await dataSource.getRepository(Psk).insert(psk);
    await dataSource.getRepository(Issuance).insert(issuance);
    await dataSource.getRepository(DownloadToken).insert(token);
    await dataSource.getRepository(ProfileSession).insert({ tokenHash: HASH, issuanceId: 'issuance', createdAt: NOW });
  };

  const applied = async () =>
    (await dataSource.query<{ name: string }[]>('SELECT "name" FROM "migrations"')).map(({ name }) => name);

  it('give back what was stored, times to the millisecond', async () => {
    await fill();
    await expect(dataSource.getRepository(User).find()).resolves.toEqual([user]);
    await expect(dataSource.getRepository(Psk).find()).resolves.toEqual([psk]);
    await expect(dataSource.getRepository(Issuance).find()).resolves.toEqual([issuance]);
    await expect(dataSource.getRepository(DownloadToken).findBy({ expiresAt: NOW })).resolves.toEqual([token]);
  });

  it('refuse to go down over data, which stays', async () => {
    await fill();
    // Those of tables that `fill` leaves empty go down.
    for (const name of newerThan(CreateProfileSessions1764000006000)) {
      await dataSource.undoLastMigration();
      expect(await applied()).not.toContain(name);
    }
    await expect(dataSource.undoLastMigration()).rejects.toThrow(DataLossRefused);
    await expect(dataSource.getRepository(ProfileSession).count()).resolves.toBe(1);
    await dataSource.getRepository(ProfileSession).delete({ tokenHash: HASH });
    await dataSource.undoLastMigration();
    await expect(dataSource.undoLastMigration()).rejects.toThrow(DataLossRefused);
    await dataSource.runMigrations({ transaction: 'each' });
    await expect(dataSource.getRepository(DownloadToken).find()).resolves.toEqual([token]);
    await expect(dataSource.getRepository(Issuance).find()).resolves.toEqual([issuance]);
    await expect(dataSource.getRepository(ProfileSession).count()).resolves.toBe(0);
  });

  it('go down to nothing and up again', async () => {
    for (const { name } of [...migrations].reverse()) {
      await dataSource.undoLastMigration();
      expect(await applied()).not.toContain(name);
    }
    await expect(dataSource.getRepository(User).count()).rejects.toThrow();
    await dataSource.runMigrations({ transaction: 'each' });
    await fill();
    for (const entity of entities) await expect(dataSource.getRepository(entity).count()).resolves.toBeDefined();
  });
});

describe.each(testDatabases())('the schema on $name', (database) => {
  let dataSource: DataSource;
  let drop: () => Promise<void>;

  beforeAll(async () => {
    ({ dataSource, drop } = await migrated(database));
    await dataSource.getRepository(User).insert(user);
  });
  afterAll(() => drop());

  it.each<[string, string, () => Promise<unknown>]>([
    ['a PSK with more uses than its limit', 'psks_uses_check', () => insert(Psk, { ...psk, uses: 4 })],
    ['a PSK of an unknown kind', 'psks_kind_check', () => insert(Psk, { ...psk, kind: 'laptop' as never })],
    [
      'a second PSK with the same public id',
      'psks_public_id_key',
      async () => {
        await insert(Psk, psk);
        await insert(Psk, { ...psk, id: 'other' });
      },
    ],
    [
      'a PSK of nobody',
      'psks_created_by_fkey',
      () => insert(Psk, { ...psk, id: 'third', publicId: '3'.repeat(16), createdBy: 'nobody' }),
    ],
    ['an issuance of nobody', 'issuances_requester_check', () => insert(Issuance, { ...issuance, userId: null })],
    [
      'an issued issuance without certificate',
      'issuances_state_check',
      () => insert(Issuance, { ...issuance, fingerprint: null, serialNumber: null, logIndex: null, expiresAt: null }),
    ],
    [
      'an issuance of half a certificate',
      'issuances_certificate_check',
      () => insert(Issuance, { ...issuance, logIndex: null }),
    ],
    [
      'a token claimed by no issuance',
      'download_tokens_claimed_check',
      () => insert(DownloadToken, { ...token, issuanceId: null }),
    ],
    [
      'a token spent and not claimed',
      'download_tokens_spent_check',
      () => insert(DownloadToken, { ...token, claimedAt: null, issuanceId: null, spentAt: NOW }),
    ],
    [
      'a token of an issuance that is not there',
      'download_tokens_issuance_id_fkey',
      () => insert(DownloadToken, token),
    ],
  ])('refuses %s', async (_, constraint, act) => {
    const error = await act().then(
      () => undefined,
      (reason: unknown) => String(reason),
    );
    expect(error).toMatch(new RegExp(`${constraint}|UNIQUE constraint failed|FOREIGN KEY constraint failed`));
  });

  async function insert<T extends object>(entity: new () => T, row: QueryDeepPartialEntity<T>): Promise<void> {
    await dataSource.getRepository(entity).insert(row);
  }
});
