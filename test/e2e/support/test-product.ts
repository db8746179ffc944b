import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runMigrations } from '@libs/database';
import {
  DEVELOPMENT_CLIENT,
  DevelopmentData,
  prepareCertTransparency,
  prepareFrontend,
  prepareSigning,
  type DevelopmentAccount,
} from '@libs/development';
import type { Variables } from '@libs/config';
import { startTestIdentityProvider } from '@libs/testing';
import { CertTransparencyConfig } from '../../../apps/certtransparency/src/config/certtransparency.config';
import { createApp as createLog } from '../../../apps/certtransparency/src/create-app';
import { logDataSourceOptions } from '../../../apps/certtransparency/src/database/data-source-options';
import { provisionLogDatabase } from '../../../apps/certtransparency/src/database/provision';
import { FrontendConfig } from '../../../apps/frontend/src/config/frontend.config';
import { createApp as createFrontend } from '../../../apps/frontend/src/create-app';
import { frontendDataSourceOptions } from '../../../apps/frontend/src/database/data-source-options';
import { SigningConfig } from '../../../apps/signing/src/config/signing.config';
import { createApp as createSigning } from '../../../apps/signing/src/create-app';
import { freePorts } from '../../support/free-ports';
import { ServiceInProcess } from './service-in-process';

type Cleanup = () => Promise<void>;

/**
 * The three services over HTTP, each with its own database and files, as `npm start` sets them up: a PostgreSQL of its own
 * for the log, SQLite, a development PKI, an identity provider.
 */
export class TestProduct {
  readonly data: DevelopmentData;
  log: ServiceInProcess;
  signing: ServiceInProcess;
  frontend: ServiceInProcess;
  frontendConfig: FrontendConfig;
  signingConfig: SigningConfig;
  logConfig: CertTransparencyConfig;
  private readonly cleanups: Cleanup[] = [];
  private identityProvider: { readonly port: number; stop: Cleanup } | undefined;

  /** @param variables what the services were given, for whoever starts further replicas */
  private constructor(readonly variables: Readonly<Record<string, string>>) {
    this.data = new DevelopmentData(variables);
  }

  /** @param variables over those of a developer's installation */
  static async start(
    accounts?: readonly DevelopmentAccount[],
    variables: Readonly<Record<string, string>> = {},
  ): Promise<TestProduct> {
    const folder = mkdtempSync(join(tmpdir(), 'ovpn-e2e-'));
    chmodSync(folder, 0o755);
    const product = new TestProduct({ ...(await variablesFor(folder)), ...variables });
    product.cleanups.push(() => {
      rmSync(folder, { recursive: true, force: true });
      return Promise.resolve();
    });
    try {
      await product.startIdentityProvider(accounts);
      await product.startLog();
      await product.startSigning();
      await product.startFrontend();
      return product;
    } catch (error) {
      await product.close();
      throw error;
    }
  }

  get frontendUrl(): string {
    return this.frontendConfig.publicUrl;
  }

  /** On the database of the log. */
  get logSuperuserUrl(): string {
    const url = new URL(this.logConfig.databaseUrl);
    url.username = 'postgres';
    url.password = readFileSync(this.data.path('postgres.password'), 'utf8');
    return url.href;
  }

  /** Puts other accounts in the provider's place, at the same address and with new keys: as when groups are changed there. */
  async replaceAccounts(accounts: readonly DevelopmentAccount[]): Promise<void> {
    await this.identityProvider?.stop();
    await this.startIdentityProvider(accounts);
  }

  async close(): Promise<void> {
    for (const cleanup of this.cleanups.splice(0).reverse()) await cleanup();
    await this.identityProvider?.stop();
  }

  private async startIdentityProvider(accounts?: readonly DevelopmentAccount[]): Promise<void> {
    const port = this.identityProvider?.port ?? Number(new URL(this.variables['OIDC_ISSUER'] ?? '').port);
    const started = await startTestIdentityProvider({
      port,
      redirectUris: [`${this.variables['FRONTEND_PUBLIC_URL'] ?? ''}/auth/callback`],
      clientSecret: this.variables['OIDC_CLIENT_SECRET'] ?? '',
      ...(accounts && { accounts }),
    });
    this.identityProvider = { port, stop: started.close };
  }

  private async startLog(): Promise<void> {
    const prepared = await prepareCertTransparency(this.variables, provisionLogDatabase);
    this.cleanups.push(prepared.stop);
    const config = CertTransparencyConfig.from(prepared.variables);
    await runMigrations(logDataSourceOptions(config.migratorDatabaseUrl, config.pool));
    this.logConfig = config;
    this.log = await this.startService(() => createLog(config), config);
  }

  private async startSigning(): Promise<void> {
    const { variables } = await prepareSigning(this.variables);
    const config = SigningConfig.from(variables);
    this.signingConfig = config;
    this.signing = await this.startService(() => createSigning(config), config);
  }

  private async startFrontend(): Promise<void> {
    const { variables } = await prepareFrontend(this.variables);
    const config = FrontendConfig.from(variables);
    await runMigrations(frontendDataSourceOptions(config));
    this.frontendConfig = config;
    this.frontend = await this.startService(() => createFrontend(config), config);
  }

  private async startService(
    create: ConstructorParameters<typeof ServiceInProcess>[0],
    { listener }: { readonly listener: ConstructorParameters<typeof ServiceInProcess>[1] },
  ): Promise<ServiceInProcess> {
    const service = new ServiceInProcess(create, listener);
    this.cleanups.push(() => service.stop());
    await service.start();
    return service;
  }
}

/** Logs at their most talkative, so that a test of what is logged sees all that can be. */
async function variablesFor(folder: string): Promise<Readonly<Record<string, string>>> {
  const [frontend = 0, signing = 0, log = 0, identityProvider = 0] = await freePorts(4);
  const url = (port: number, host = '127.0.0.1') => `http://${host}:${String(port)}`;
  const variables: Variables = {
    DATA_DIRECTORY: folder,
    DEVELOPMENT_POSTGRES_PORT: '0',
    OIDC_ISSUER: url(identityProvider, 'localhost'),
    OIDC_CLIENT_ID: DEVELOPMENT_CLIENT.clientId,
    OIDC_CLIENT_SECRET: 'client-secret-of-this-product-0000',
    FRONTEND_PUBLIC_URL: url(frontend, 'localhost'),
    FRONTEND_SIGNING_URL: url(signing),
    FRONTEND_CT_URL: url(log),
    SIGNING_CT_URL: url(log),
    ...listener('FRONTEND', frontend),
    ...listener('SIGNING', signing),
    ...listener('CT', log),
  };
  return variables as Readonly<Record<string, string>>;
}

function listener(prefix: string, port: number): Readonly<Record<string, string>> {
  return {
    [`${prefix}_PORT`]: String(port),
    [`${prefix}_MANAGEMENT_PORT`]: '0',
    [`${prefix}_LOG_LEVEL`]: 'trace',
  };
}
