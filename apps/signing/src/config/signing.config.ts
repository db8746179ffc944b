import {
  EnvironmentReader,
  listenerSettings,
  upstreamSettings,
  type Environment,
  type FailPointSetting,
  type ListenerSettings,
  type UpstreamSettings,
  type Variables,
} from '@libs/config';
import type { CertificateKind } from '@libs/contracts';
import { failPoints } from '../fail-points';

/** Everything that the signing service reads from its environment. */
export class SigningConfig {
  readonly environment: Environment;
  readonly listener: ListenerSettings;
  /** Owner-only directory with the encrypted intermediate key, the certificates and the last good CRLs. */
  readonly pkiDirectory: string;
  /** Open the keys of the directory, tried in this order: a second one is needed while issuers are sealed under different ones. */
  readonly keyPassphrases: readonly [string, ...string[]];
  /** Which issuer of the directory signs new certificates: `intermediate` for the one at the top, or the name of a folder. */
  readonly activeIssuer: string;
  /** Keys of the frontend. */
  readonly frontendKeys: readonly string[];
  readonly log: UpstreamSettings;
  /** Verifier keys of the log, pinned: a receipt that none of them signed is no receipt. */
  readonly logVerifierKeys: readonly string[];
  readonly validityDays: Readonly<Record<CertificateKind, number>>;
  readonly crl: {
    /** nextUpdate − thisUpdate. */
    readonly lifetimeHours: number;
    /** A new CRL is made at least this often; at most half the lifetime. */
    readonly publishEveryHours: number;
    /** How often revocations that another replica made are looked for. */
    readonly pollSeconds: number;
  };
  /** For tests alone: where the process is to die. */
  readonly failPoint: FailPointSetting | undefined;
  /** Issuances in progress before callers are told to come back. */
  readonly maxInFlight: number;

  private constructor(env: EnvironmentReader) {
    this.environment = env.environment;
    this.listener = listenerSettings(env, 'SIGNING', 8500);
    this.pkiDirectory = env.string('SIGNING_PKI_DIRECTORY');
    this.keyPassphrases = keyPassphrases(env);
    this.activeIssuer = env.string('SIGNING_ACTIVE_ISSUER', 'intermediate');
    this.frontendKeys = env.secrets('SIGNING_FRONTEND_KEYS');
    this.log = upstreamSettings(
      env,
      { url: 'SIGNING_CT_URL', key: 'SIGNING_CT_KEY', timeoutMs: 'SIGNING_CT_TIMEOUT_MS' },
      { url: 'http://127.0.0.1:8800', timeoutMs: 10_000 },
    );
    this.logVerifierKeys = env.list('SIGNING_CT_VERIFIER_KEYS');
    this.validityDays = Object.freeze({
      user: env.integer('SIGNING_USER_VALIDITY_DAYS', { default: 90, min: 1, max: 825 }),
      computer: env.integer('SIGNING_COMPUTER_VALIDITY_DAYS', { default: 90, min: 1, max: 825 }),
      server: env.integer('SIGNING_SERVER_VALIDITY_DAYS', { default: 398, min: 1, max: 825 }),
    });
    this.crl = Object.freeze({
      lifetimeHours: env.integer('SIGNING_CRL_LIFETIME_HOURS', { default: 168, min: 2, max: 8760 }),
      publishEveryHours: env.integer('SIGNING_CRL_PUBLISH_EVERY_HOURS', { default: 12, min: 1, max: 4380 }),
      pollSeconds: env.integer('SIGNING_CRL_POLL_SECONDS', { default: 15, min: 1, max: 3600 }),
    });
    this.maxInFlight = env.integer('SIGNING_MAX_IN_FLIGHT', { default: 256, min: 1, max: 10_000 });
    this.failPoint = failPoints.setting(env, 'SIGNING_FAIL_POINT');
    if (this.crl.publishEveryHours * 2 > this.crl.lifetimeHours) {
      env.problem('SIGNING_CRL_PUBLISH_EVERY_HOURS must be at most half of SIGNING_CRL_LIFETIME_HOURS');
    }
  }

  /** @throws ConfigurationError naming every problem */
  static from(variables: Variables): SigningConfig {
    const env = new EnvironmentReader(variables);
    const config = Object.freeze(new SigningConfig(env));
    env.finish();
    return config;
  }
}

function keyPassphrases(env: EnvironmentReader): readonly [string, ...string[]] {
  const rules = { minLength: 16 };
  const first = env.secret('SIGNING_KEY_PASSPHRASE', rules);
  const second = 'SIGNING_SECOND_KEY_PASSPHRASE';
  return env.optionalString(second) === undefined ? [first] : [first, env.secret(second, rules)];
}
