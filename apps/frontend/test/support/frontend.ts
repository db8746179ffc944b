import { runMigrations } from '@libs/database';
import { DEVELOPMENT_CLIENT } from '@libs/development';
import { Clock, listen } from '@libs/http';
import { generateTlsCryptV2ServerKey, printTlsCryptV2ServerKey } from '@libs/openvpn';
import { FixedClock, type TestDatabaseKind } from '@libs/testing';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { DataSource } from 'typeorm';
import { AppModule } from '../../src/app.module';
import { FrontendConfig } from '../../src/config/frontend.config';
import { configureFrontend } from '../../src/create-app';
import { frontendDataSourceOptions } from '../../src/database/data-source-options';

export interface TestFrontend {
  readonly url: string;
  readonly app: NestExpressApplication;
  readonly dataSource: DataSource;
  /** The application's only clock. */
  readonly clock: FixedClock;
  readonly close: () => Promise<void>;
}

interface TestFrontendOptions {
  readonly database: TestDatabaseKind;
  readonly port: number;
  readonly issuer: string;
  /** Over the test's environment. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** A port that was free a moment ago: the provider must know the callback's address before the frontend starts. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** The whole frontend on an empty, migrated database. */
export async function startFrontend(options: TestFrontendOptions): Promise<TestFrontend> {
  const database = await options.database.create();
  const config = FrontendConfig.from({
    ...environment(options.port, options.issuer),
    FRONTEND_DATABASE_URL: database.url,
    ...options.variables,
  });
  await runMigrations(frontendDataSourceOptions(config));
  const clock = new FixedClock();
  const testing = await Test.createTestingModule({ imports: [AppModule.for(config)] })
    .overrideProvider(Clock)
    .useValue(clock)
    .compile();
  const app = testing.createNestApplication<NestExpressApplication>({ bodyParser: false });
  configureFrontend(app, config);
  const running = await listen(app, config.listener);
  return {
    url: `http://localhost:${String(options.port)}`,
    app,
    dataSource: app.get(DataSource),
    clock,
    close: async () => {
      await running.close();
      await database.drop();
    },
  };
}

/** The tests of one file come from one address, at one moment. */
export const NO_LIMITS = {
  FRONTEND_FAILED_CREDENTIALS_PER_MINUTE: '0',
  FRONTEND_CERTIFICATES_PER_MINUTE: '0',
  FRONTEND_DEVICE_LOGINS_PER_MINUTE: '0',
};

function environment(port: number, issuer: string): Readonly<Record<string, string>> {
  return {
    NODE_ENV: 'test',
    FRONTEND_PORT: String(port),
    FRONTEND_MANAGEMENT_PORT: '0',
    ...NO_LIMITS,
    FRONTEND_PUBLIC_URL: `http://localhost:${String(port)}`,
    FRONTEND_SESSION_SECRETS: 'session-secret-of-the-tests-000000000000',
    FRONTEND_SIGNING_KEY: 'signing-key-of-the-tests-00000000000000',
    FRONTEND_CT_KEY: 'log-key-of-the-tests-000000000000000000',
    OPENVPN_TEMPLATES_DIRECTORY: 'examples/templates',
    OPENVPN_TLS_CRYPT_V2_SERVER_KEY: printTlsCryptV2ServerKey(generateTlsCryptV2ServerKey()),
    OIDC_ISSUER: issuer,
    OIDC_CLIENT_ID: DEVELOPMENT_CLIENT.clientId,
    OIDC_CLIENT_SECRET: DEVELOPMENT_CLIENT.clientSecret,
    ROLE_AUDITOR_GROUPS: 'vpn-auditors',
    ROLE_SERVICE_ADMINISTRATOR_GROUPS: 'vpn-admins',
  };
}
