import type { Variables } from '@libs/config';
import { generateTlsCryptV2ServerKey, printTlsCryptV2ServerKey } from '@libs/openvpn';
import { generateNoteKey, parsePrivateKey, printVerifierKey } from '@libs/tlog';
import { join, resolve } from 'node:path';
import { ensureFile, ensureSecret } from './secrets';

/** Name and origin of a developer's log. */
export const DEVELOPMENT_LOG_ORIGIN = 'openvpn-manager.localhost/log';

/**
 * Where a developer's installation keeps its data, and the secrets that its services share. Every secret is random, made
 * on first use, and the same for whichever service starts first: so `nest start <app>` in three terminals fit together.
 */
export class DevelopmentData {
  readonly directory: string;
  /** Of what only development has; the services' ports are theirs to configure. */
  readonly ports: { readonly identityProvider: number; readonly postgres: number };

  constructor(variables: Variables) {
    this.directory = resolve(variables['DATA_DIRECTORY'] ?? '.data');
    this.ports = {
      identityProvider: Number(variables['DEVELOPMENT_IDENTITY_PROVIDER_PORT'] ?? 8700),
      postgres: Number(variables['DEVELOPMENT_POSTGRES_PORT'] ?? 8432),
    };
  }

  path(...names: readonly string[]): string {
    return join(this.directory, ...names);
  }

  secret(name: string): string {
    return ensureSecret(this.path('secrets', name));
  }

  /** A file with the log's verifier key, for `ct-verify --key-file`. */
  verifierKeyFile(): string {
    const path = this.path('log', 'verifier.key');
    ensureFile(path, () => `${this.logVerifierKey()}\n`);
    return path;
  }

  /** Verifier key of the log, whose private key stands in `log/checkpoint.key`. */
  logVerifierKey(): string {
    return printVerifierKey(parsePrivateKey(this.logKey()).verifier);
  }

  logKey(): string {
    return ensureFile(this.path('log', 'checkpoint.key'), () =>
      generateNoteKey(DEVELOPMENT_LOG_ORIGIN).printPrivateKey(),
    );
  }

  tlsCryptV2ServerKey(): string {
    return ensureFile(this.path('openvpn', 'tls-crypt-v2-server.key'), () =>
      printTlsCryptV2ServerKey(generateTlsCryptV2ServerKey()),
    );
  }
}

export function certTransparencyDefaults(data: DevelopmentData): Record<string, string> {
  return {
    CT_CHECKPOINT_KEY: data.logKey(),
    CT_WRITER_KEYS: data.secret('signing-to-certtransparency'),
    CT_READER_KEYS: data.secret('frontend-to-certtransparency'),
  };
}

export function signingDefaults(data: DevelopmentData): Record<string, string> {
  return {
    SIGNING_PKI_DIRECTORY: data.path('pki'),
    SIGNING_KEY_PASSPHRASE: data.secret('intermediate-passphrase'),
    SIGNING_FRONTEND_KEYS: data.secret('frontend-to-signing'),
    SIGNING_CT_KEY: data.secret('signing-to-certtransparency'),
    SIGNING_CT_VERIFIER_KEYS: data.logVerifierKey(),
  };
}

export function frontendDefaults(data: DevelopmentData): Record<string, string> {
  return {
    FRONTEND_DATABASE_URL: `sqlite:${data.path('frontend.sqlite')}`,
    FRONTEND_SESSION_SECRETS: data.secret('session'),
    FRONTEND_SIGNING_KEY: data.secret('frontend-to-signing'),
    FRONTEND_CT_KEY: data.secret('frontend-to-certtransparency'),
    FRONTEND_CT_VERIFIER_KEYS: data.logVerifierKey(),
    FRONTEND_CRL_CACHE_DIRECTORY: data.path('frontend-crl'),
    OPENVPN_TEMPLATES_DIRECTORY: resolve('examples/templates'),
    OPENVPN_TLS_CRYPT_V2_SERVER_KEY: data.tlsCryptV2ServerKey(),
    ROLE_AUDITOR_GROUPS: 'vpn-auditors',
    ROLE_CERTIFICATE_ADMINISTRATOR_GROUPS: 'vpn-admins',
    ROLE_SYSTEM_ADMINISTRATOR_GROUPS: 'vpn-admins',
    ROLE_SERVICE_ADMINISTRATOR_GROUPS: 'vpn-admins',
  };
}
