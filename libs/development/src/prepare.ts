import type { Variables } from '@libs/config';
import { errorCode, StartError } from '@libs/http';
import { certTransparencyDefaults, DevelopmentData, frontendDefaults, signingDefaults } from './defaults';
import { startPostgres } from './embedded-postgres';
import { type IdentityProviderOptions, type RunningIdentityProvider, startIdentityProvider } from './identity-provider';
import { DEVELOPMENT_CLIENT } from './identity-provider-accounts';
import { ensureDevelopmentPki } from './pki';

export interface Prepared {
  /** The given variables over the development defaults. */
  readonly variables: Variables;
  readonly stop: () => Promise<void>;
}

/** Role passwords of a log's database; see `bootstrapRoles` in apps/certtransparency. */
export interface LogRolePasswords {
  readonly migrator: string;
  readonly writer: string;
  readonly reader: string;
  readonly auditor: string;
}

/** Makes database and roles on a server where we are superuser, and answers the URLs of the two roles that the service uses. */
export type ProvisionLogDatabase = (
  superuserUrl: string,
  passwords: LogRolePasswords,
) => Promise<{ readonly writerUrl: string; readonly migratorUrl: string }>;

/**
 * For `nest start certtransparency` without an environment: its own PostgreSQL. A CT_DATABASE_URL that stands alone names a
 * superuser of another server, on which database and roles are made; with CT_MIGRATOR_DATABASE_URL beside it, all is there.
 */
export async function prepareCertTransparency(
  variables: Variables,
  provision: ProvisionLogDatabase,
): Promise<Prepared> {
  const data = new DevelopmentData(variables);
  const defaults = certTransparencyDefaults(data);
  if (isSet(variables['CT_MIGRATOR_DATABASE_URL'])) return prepared(defaults, variables);
  const postgres = await superuserOf(variables, data);
  const { writerUrl, migratorUrl } = await provision(postgres.url, logRolePasswords(data));
  const urls = { CT_DATABASE_URL: writerUrl, CT_MIGRATOR_DATABASE_URL: migratorUrl };
  // An anchor belongs to one log: another server's must not be held against ours.
  const anchor = isSet(variables['CT_DATABASE_URL']) ? {} : { CT_ANCHOR_FILE: data.path('log', 'anchor') };
  return prepared({ ...defaults, ...anchor }, { ...variables, ...urls }, postgres.stop);
}

/** For `nest start signing` without an environment: a development root and intermediate. */
export async function prepareSigning(variables: Variables): Promise<Prepared> {
  const data = new DevelopmentData(variables);
  const defaults = signingDefaults(data);
  if (!isSet(variables['SIGNING_PKI_DIRECTORY'])) {
    await ensureDevelopmentPki(data.path('pki'), data.secret('intermediate-passphrase'));
  }
  return prepared(defaults, variables);
}

/** For `nest start frontend` without an environment: SQLite, and a development identity provider unless OIDC_ISSUER names one. */
export async function prepareFrontend(variables: Variables): Promise<Prepared> {
  const data = new DevelopmentData(variables);
  const defaults = frontendDefaults(data);
  if (isSet(variables['OIDC_ISSUER'])) return prepared(defaults, variables);
  const publicUrl = variables['FRONTEND_PUBLIC_URL'] ?? `http://localhost:${variables['FRONTEND_PORT'] ?? '8600'}`;
  const provider = await openIdentityProvider({
    port: data.ports.identityProvider,
    redirectUris: [`${publicUrl}/auth/callback`],
    clientSecret: data.secret('oidc-client'),
  });
  const oidc = {
    OIDC_ISSUER: provider.issuer,
    OIDC_CLIENT_ID: DEVELOPMENT_CLIENT.clientId,
    OIDC_CLIENT_SECRET: data.secret('oidc-client'),
  };
  return prepared({ ...defaults, ...oidc }, variables, provider.close);
}

async function openIdentityProvider(options: IdentityProviderOptions): Promise<RunningIdentityProvider> {
  try {
    return await startIdentityProvider(options);
  } catch (error) {
    if (errorCode(error) !== 'EADDRINUSE') throw error;
    throw new StartError(
      `Port ${String(options.port)}, for the development identity provider, is taken: stop what listens there, or set DEVELOPMENT_IDENTITY_PROVIDER_PORT.`,
    );
  }
}

async function superuserOf(
  variables: Variables,
  data: DevelopmentData,
): Promise<{ url: string; stop: () => Promise<void> }> {
  const url = variables['CT_DATABASE_URL'];
  if (url !== undefined && url !== '') return { url, stop: () => Promise.resolve() };
  return startPostgres({ dataDirectory: data.path('postgres'), port: data.ports.postgres, durable: true });
}

function logRolePasswords(data: DevelopmentData): LogRolePasswords {
  return {
    migrator: data.secret('postgres-ct_migrator'),
    writer: data.secret('postgres-ct_writer'),
    reader: data.secret('postgres-ct_reader'),
    auditor: data.secret('postgres-ct_auditor'),
  };
}

function prepared(
  defaults: Variables,
  variables: Variables,
  stop: () => Promise<void> = () => Promise.resolve(),
): Prepared {
  const given = Object.entries(variables).filter(([, value]) => isSet(value));
  const fileNames = new Set(given.map(([name]) => name).filter((name) => name.endsWith('_FILE')));
  const missing = Object.entries(defaults).filter(([name]) => !fileNames.has(`${name}_FILE`));
  return { variables: { ...Object.fromEntries(missing), ...Object.fromEntries(given) }, stop };
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}
