import {
  EnvironmentReader,
  listenerSettings,
  poolSettings,
  upstreamSettings,
  type Environment,
  type ListenerSettings,
  type PoolSettings,
  type UpstreamSettings,
  type Variables,
} from '@libs/config';
import type { Limit } from '../limits/limit';
import { type DeploymentSettings, deploymentSettings } from './deployment-settings';
import { type RetentionSettings, retentionSettings } from './retention-settings';

export interface OidcSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly clientAuthentication: 'client_secret_basic' | 'client_secret_post';
  readonly scopes: readonly string[];
  /** Claim that lists the groups; a dot descends, as in `realm_access.roles`. */
  readonly groupsClaim: string;
  readonly timeoutMs: number;
  /** Signing out leads on to the provider, where `<publicUrl>/` is registered as post-logout redirect URI. */
  readonly signsOutAtProvider: boolean;
}

/** Provider groups that give a role, compared exactly. */
export interface RoleGroups {
  /** Empty: everyone who can log in is a user. */
  readonly user: readonly string[];
  readonly auditor: readonly string[];
  readonly certificate_administrator: readonly string[];
  readonly system_administrator: readonly string[];
  readonly service_administrator: readonly string[];
}

/** Shared by all replicas; one that is undefined is not kept. */
export interface LimitSettings {
  /** Credentials of any kind that were none, from one address. */
  readonly failedCredentials: Limit | undefined;
  /** Certificates for one person or pre-shared key. */
  readonly certificates: Limit | undefined;
  /** Device logins begun from one address, and codes of devices typed by one person. */
  readonly deviceLogins: Limit | undefined;
}

export interface OpenvpnSettings {
  readonly templatesDirectory: string;
  /** PEM `OpenVPN tls-crypt-v2 server key`, shared by the servers; during a rotation several, the current one first. */
  readonly tlsCryptV2ServerKey: string;
  /** What templates may use as `site.*`. */
  readonly site: {
    readonly remote_host: string;
    readonly remote_port: number;
    /** CN of the server certificate that profiles insist on. */
    readonly server_name: string;
    readonly network: string;
    readonly netmask: string;
  };
}

/** Everything that the frontend reads from its environment. */
export class FrontendConfig {
  readonly environment: Environment;
  readonly listener: ListenerSettings;
  /** The address that browsers use. */
  readonly publicUrl: string;
  readonly deployment: DeploymentSettings;
  readonly siteName: string;
  readonly databaseUrl: string;
  readonly pool: PoolSettings;
  readonly oidc: OidcSettings;
  readonly roleGroups: RoleGroups;
  readonly session: {
    /** The current one first; the others still verify cookies. */
    readonly secrets: readonly string[];
    readonly idleSeconds: number;
    readonly absoluteSeconds: number;
  };
  readonly signing: UpstreamSettings;
  readonly log: UpstreamSettings;
  /** The log's verifier keys; without any, the receipts that signing hands on are not looked at. */
  readonly logVerifierKeys: readonly string[];
  readonly openvpn: OpenvpnSettings;
  readonly limits: LimitSettings;
  readonly downloadTokenTtlSeconds: number;
  /** A pending issuance older than this is reconciled with the log. */
  readonly issuanceLeaseSeconds: number;
  readonly reconciliationIntervalSeconds: number;
  readonly retention: RetentionSettings;
  /** Where the last good CRL is kept, so that it is served when signing is down. */
  readonly crlCacheDirectory: string;

  private constructor(env: EnvironmentReader) {
    this.environment = env.environment;
    this.listener = listenerSettings(env, 'FRONTEND', 8600);
    this.publicUrl = env.httpUrl('FRONTEND_PUBLIC_URL', env.isProduction ? undefined : 'http://localhost:8600');
    this.deployment = deploymentSettings(env);
    this.siteName = env.string('FRONTEND_SITE_NAME', 'OpenVPN Manager');
    this.databaseUrl = env.databaseUrl('FRONTEND_DATABASE_URL', { sqlite: true });
    this.pool = poolSettings(env, 'FRONTEND');
    this.oidc = oidcSettings(env);
    this.roleGroups = roleGroups(env);
    this.session = Object.freeze({
      secrets: env.secrets('FRONTEND_SESSION_SECRETS'),
      idleSeconds: env.integer('FRONTEND_SESSION_IDLE_SECONDS', { default: 3_600, min: 60, max: 604_800 }),
      absoluteSeconds: env.integer('FRONTEND_SESSION_ABSOLUTE_SECONDS', { default: 43_200, min: 60, max: 2_592_000 }),
    });
    this.signing = upstreamSettings(
      env,
      { url: 'FRONTEND_SIGNING_URL', key: 'FRONTEND_SIGNING_KEY', timeoutMs: 'FRONTEND_SIGNING_TIMEOUT_MS' },
      { url: 'http://127.0.0.1:8500', timeoutMs: 15_000 },
    );
    this.log = upstreamSettings(
      env,
      { url: 'FRONTEND_CT_URL', key: 'FRONTEND_CT_KEY', timeoutMs: 'FRONTEND_CT_TIMEOUT_MS' },
      { url: 'http://127.0.0.1:8800', timeoutMs: 10_000 },
    );
    this.logVerifierKeys = env.list('FRONTEND_CT_VERIFIER_KEYS', []);
    this.openvpn = openvpnSettings(env);
    this.limits = limitSettings(env);
    this.downloadTokenTtlSeconds = env.integer('FRONTEND_DOWNLOAD_TOKEN_TTL_SECONDS', {
      default: 300,
      min: 10,
      max: 86_400,
    });
    this.issuanceLeaseSeconds = env.integer('FRONTEND_ISSUANCE_LEASE_SECONDS', { default: 120, min: 1, max: 86_400 });
    this.reconciliationIntervalSeconds = env.integer('FRONTEND_RECONCILIATION_INTERVAL_SECONDS', {
      default: 30,
      min: 1,
      max: 3_600,
    });
    this.retention = retentionSettings(env);
    this.crlCacheDirectory = env.string('FRONTEND_CRL_CACHE_DIRECTORY', '.data/frontend-crl');
    if (env.isProduction && this.publicUrl.startsWith('http:'))
      env.problem('FRONTEND_PUBLIC_URL must be https in production');
  }

  /** Cookies are `Secure` and carry the `__Host-` prefix. */
  get usesHttps(): boolean {
    return this.publicUrl.startsWith('https:');
  }

  /** @throws ConfigurationError naming every problem */
  static from(variables: Variables): FrontendConfig {
    const env = new EnvironmentReader(variables);
    const config = Object.freeze(new FrontendConfig(env));
    env.finish();
    return config;
  }
}

function limitSettings(env: EnvironmentReader): LimitSettings {
  const limit = (name: string, variable: string, perMinute: number): Limit | undefined => {
    const most = env.integer(variable, { default: perMinute, min: 0, max: 1_000_000 });
    return most === 0 ? undefined : Object.freeze({ name, perMinute: most, burst: most });
  };
  return Object.freeze({
    failedCredentials: limit('failed credentials', 'FRONTEND_FAILED_CREDENTIALS_PER_MINUTE', 120),
    certificates: limit('certificates', 'FRONTEND_CERTIFICATES_PER_MINUTE', 120),
    deviceLogins: limit('device logins', 'FRONTEND_DEVICE_LOGINS_PER_MINUTE', 30),
  });
}

function oidcSettings(env: EnvironmentReader): OidcSettings {
  const issuer = env.exactHttpUrl('OIDC_ISSUER');
  if (env.isProduction && issuer.startsWith('http:')) env.problem('OIDC_ISSUER must be https in production');
  return Object.freeze({
    issuer,
    clientId: env.string('OIDC_CLIENT_ID'),
    clientSecret: env.secret('OIDC_CLIENT_SECRET', { minLength: 16 }),
    clientAuthentication: env.oneOf(
      'OIDC_CLIENT_AUTHENTICATION',
      ['client_secret_basic', 'client_secret_post'] as const,
      'client_secret_basic',
    ),
    scopes: env.list('OIDC_SCOPES', ['openid', 'profile', 'email', 'groups']),
    groupsClaim: env.string('OIDC_GROUPS_CLAIM', 'groups'),
    timeoutMs: env.integer('OIDC_TIMEOUT_MS', { default: 5_000, min: 100, max: 60_000 }),
    signsOutAtProvider: env.oneOf('OIDC_LOGOUT', ['provider', 'local'], 'provider') === 'provider',
  });
}

function roleGroups(env: EnvironmentReader): RoleGroups {
  return Object.freeze({
    user: env.list('ROLE_USER_GROUPS', []),
    auditor: env.list('ROLE_AUDITOR_GROUPS', []),
    certificate_administrator: env.list('ROLE_CERTIFICATE_ADMINISTRATOR_GROUPS', []),
    system_administrator: env.list('ROLE_SYSTEM_ADMINISTRATOR_GROUPS', []),
    service_administrator: env.list('ROLE_SERVICE_ADMINISTRATOR_GROUPS', []),
  });
}

function openvpnSettings(env: EnvironmentReader): OpenvpnSettings {
  const development = env.isProduction ? undefined : 'vpn.localhost';
  return Object.freeze({
    templatesDirectory: env.string('OPENVPN_TEMPLATES_DIRECTORY'),
    tlsCryptV2ServerKey: env.string('OPENVPN_TLS_CRYPT_V2_SERVER_KEY'),
    site: Object.freeze({
      remote_host: env.string('OPENVPN_REMOTE_HOST', development),
      remote_port: env.integer('OPENVPN_REMOTE_PORT', { default: 1194, min: 1, max: 65_535 }),
      server_name: env.string('OPENVPN_SERVER_NAME', development),
      network: env.string('OPENVPN_NETWORK', '10.8.0.0'),
      netmask: env.string('OPENVPN_NETMASK', '255.255.255.0'),
    }),
  });
}
