import { type AuthenticatedRequest, type Principal, ROLES } from '@libs/auth';
import { runMigrations } from '@libs/database';
import { Clock } from '@libs/http';
import { generateTlsCryptV2ServerKey, printTlsCryptV2ServerKey } from '@libs/openvpn';
import { FixedClock, type TestDatabaseKind } from '@libs/testing';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import type { RequestHandler } from 'express';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { AppModule } from '../../src/app.module';
import { FrontendConfig } from '../../src/config/frontend.config';
import { configureFrontend } from '../../src/create-app';
import { frontendDataSourceOptions } from '../../src/database/data-source-options';
import { SessionsService } from '../../src/sessions/sessions.service';
import { User } from '../../src/users/user.entity';
import { FakeServices } from './fake-services';
import { NO_LIMITS } from './frontend';

/** Sent by a test in place of a login. */
export const USER_HEADER = 'x-test-user';
const CSRF_TOKEN = 'csrf-token-of-the-tests';

/** The frontend with everything but the login, which a header replaces, in front of fake services. */
export interface IssuingFrontend {
  readonly server: Server;
  readonly app: NestExpressApplication;
  readonly dataSource: DataSource;
  readonly clock: FixedClock;
  readonly services: FakeServices;
  /** Adds a person with these roles and groups. */
  readonly addUser: (user?: Partial<Principal>) => Promise<Principal>;
  /** The headers that make a request that person's. */
  readonly as: (user: Principal) => Record<string, string>;
  readonly close: () => Promise<void>;
}

/** @param variables over the test's environment */
export async function startIssuingFrontend(
  kind: TestDatabaseKind,
  variables: Readonly<Record<string, string>> = {},
): Promise<IssuingFrontend> {
  const database = await kind.create();
  const directory = await mkdtemp(join(tmpdir(), 'frontend-'));
  const services = await FakeServices.start();
  const config = FrontendConfig.from({
    ...issuingEnvironment(database.url, services.url, directory),
    ...variables,
  });
  await runMigrations(frontendDataSourceOptions(config));
  const clock = new FixedClock();
  const people = new Map<string, Principal>();
  const testing = await Test.createTestingModule({ imports: [AppModule.for(config)] })
    .overrideProvider(Clock)
    .useValue(clock)
    .overrideProvider(SessionsService)
    .useValue({ middleware: () => [recognise(people)] })
    .compile();
  const app = testing.createNestApplication<NestExpressApplication>({ bodyParser: false });
  configureFrontend(app, config);
  await app.listen(0, '127.0.0.1');
  const dataSource = app.get(DataSource);
  return {
    server: app.getHttpServer(),
    app,
    dataSource,
    clock,
    services,
    addUser: async (user = {}) => {
      const person = await insertUser(dataSource, user);
      people.set(person.userId, person);
      return person;
    },
    as: ({ userId }) => ({ [USER_HEADER]: userId, 'x-csrf-token': CSRF_TOKEN }),
    close: async () => {
      await app.close();
      await services.stop();
      await database.drop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function recognise(people: ReadonlyMap<string, Principal>): RequestHandler {
  return (request: AuthenticatedRequest, _response, next) => {
    const person = people.get(String(request.headers[USER_HEADER]));
    if (person !== undefined) request.principal = person;
    Object.assign(request, { session: { csrfToken: CSRF_TOKEN } });
    next();
  };
}

async function insertUser(dataSource: DataSource, user: Partial<Principal>): Promise<Principal> {
  const userId = randomUUID();
  const person: Principal = {
    userId,
    issuer: 'https://idp.example.org',
    subject: userId,
    name: 'Ada',
    email: `${userId.slice(0, 8)}@example.org`,
    groups: [],
    roles: ROLES,
    ...user,
  };
  const { issuer, subject, name, email, groups } = person;
  const now = new Date();
  await dataSource.getRepository(User).insert({
    ...{ id: userId, issuer, subject, name, email },
    ...{ groups: [...groups], createdAt: now, lastLoginAt: now },
  });
  return person;
}

/** @param servicesUrl of signing and the log @param directory for its copies of CRLs */
export function issuingEnvironment(
  databaseUrl: string,
  servicesUrl: string,
  directory: string,
): Record<string, string> {
  return {
    NODE_ENV: 'test',
    FRONTEND_PORT: '0',
    FRONTEND_MANAGEMENT_PORT: '0',
    ...NO_LIMITS,
    FRONTEND_DATABASE_URL: databaseUrl,
    FRONTEND_SESSION_SECRETS: 'session-secret-of-the-tests-000000000000',
    FRONTEND_SIGNING_URL: servicesUrl,
    FRONTEND_SIGNING_KEY: 'signing-key-of-the-tests-00000000000000',
    FRONTEND_CT_URL: servicesUrl,
    FRONTEND_CT_KEY: 'log-key-of-the-tests-000000000000000000',
    FRONTEND_CRL_CACHE_DIRECTORY: directory,
    OPENVPN_TEMPLATES_DIRECTORY: join(__dirname, '../../../../examples/templates'),
    OPENVPN_TLS_CRYPT_V2_SERVER_KEY: printTlsCryptV2ServerKey(generateTlsCryptV2ServerKey()),
    OIDC_ISSUER: 'http://127.0.0.1:9',
    OIDC_CLIENT_ID: 'frontend',
    OIDC_CLIENT_SECRET: 'client-secret-of-the-tests-0000',
  };
}
