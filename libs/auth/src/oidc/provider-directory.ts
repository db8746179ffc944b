import { createRemoteJWKSet, type JWTVerifyGetKey } from 'jose';
import { LoginError } from './login.errors';
import type { OidcOptions } from './oidc-options';
import { fetchJson } from './provider-fetch';

/** What the provider says about itself (OpenID Connect Discovery §3). */
export interface ProviderMetadata {
  readonly issuer: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly jwksUri: string;
  readonly userinfoEndpoint: string | undefined;
  readonly endSessionEndpoint: string | undefined;
}

const CACHE_MS = 10 * 60_000;
/** At most one extra fetch of the key set in this time, however many tokens name unknown keys. */
const JWKS_COOLDOWN_MS = 5_000;

/**
 * The provider's discovery document and key set, fetched when first needed and kept for ten minutes; a failure is not
 * kept. Keys are fetched again at once when a token names one that is not known, so a rotation needs no restart.
 */
export class ProviderDirectory {
  private cached: { readonly metadata: ProviderMetadata; readonly until: number } | undefined;
  private pending: Promise<ProviderMetadata> | undefined;
  private keys: { readonly uri: string; readonly resolve: JWTVerifyGetKey } | undefined;

  constructor(private readonly options: Pick<OidcOptions, 'issuer' | 'timeoutMs'>) {}

  /** @throws LoginError when the provider is down or describes itself wrongly */
  async metadata(): Promise<ProviderMetadata> {
    if (this.cached && this.cached.until > performance.now()) return this.cached.metadata;
    this.pending ??= this.discover().finally(() => {
      this.pending = undefined;
    });
    return this.pending;
  }

  /** Resolves the key of an ID token by its header. */
  keySet({ jwksUri }: ProviderMetadata): JWTVerifyGetKey {
    if (this.keys?.uri !== jwksUri) {
      const resolve = createRemoteJWKSet(new URL(jwksUri), {
        timeoutDuration: this.options.timeoutMs,
        cooldownDuration: JWKS_COOLDOWN_MS,
      });
      this.keys = { uri: jwksUri, resolve };
    }
    return this.keys.resolve;
  }

  private async discover(): Promise<ProviderMetadata> {
    const { issuer, timeoutMs } = this.options;
    const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const { status, body } = await fetchJson(url, { method: 'GET' }, timeoutMs);
    if (status !== 200) throw new LoginError('login_provider_unavailable', `discovery answered ${String(status)}`);
    const metadata = parseMetadata(body, issuer);
    this.cached = { metadata, until: performance.now() + CACHE_MS };
    return metadata;
  }
}

function parseMetadata(document: Readonly<Record<string, unknown>>, issuer: string): ProviderMetadata {
  if (document['issuer'] !== issuer) {
    throw new LoginError('login_provider_misconfigured', `discovery names another issuer than ${issuer}`);
  }
  const optional = (name: string) => endpoint(document, name, issuer);
  const required = (name: string) => {
    const value = optional(name);
    if (value === undefined) throw new LoginError('login_provider_misconfigured', `discovery lacks ${name}`);
    return value;
  };
  return {
    issuer,
    authorizationEndpoint: required('authorization_endpoint'),
    tokenEndpoint: required('token_endpoint'),
    jwksUri: required('jwks_uri'),
    userinfoEndpoint: optional('userinfo_endpoint'),
    endSessionEndpoint: optional('end_session_endpoint'),
  };
}

/** An endpoint may be plain http only where the issuer itself is: on a developer's machine. */
function endpoint(document: Readonly<Record<string, unknown>>, name: string, issuer: string): string | undefined {
  const value = document[name];
  if (value === undefined || value === null) return undefined;
  const protocol = typeof value === 'string' && URL.canParse(value) ? new URL(value).protocol : undefined;
  if (typeof value !== 'string' || (protocol !== 'https:' && !(protocol === 'http:' && issuer.startsWith('http:')))) {
    throw new LoginError('login_provider_misconfigured', `discovery: ${name} is not an https URL`);
  }
  return value;
}
