import type { JWTVerifyGetKey } from 'jose';
import { LoginError } from './login.errors';
import type { OidcOptions } from './oidc-options';
import { fetchJson } from './provider-fetch';
import { ProviderKeys } from './provider-keys';

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

/** Whoever can reach us may send us logout tokens: unknown keys in them must not use up the refetches of logins. */
type KeyUse = 'login' | 'logout';

/**
 * The provider's discovery document and key set, fetched when first needed and kept for ten minutes; a failure is not
 * kept.
 */
export class ProviderDirectory {
  private cached: { readonly metadata: ProviderMetadata; readonly until: number } | undefined;
  private pending: Promise<ProviderMetadata> | undefined;
  private latest: ProviderMetadata | undefined;
  private readonly keys = new Map<string, ProviderKeys>();

  constructor(private readonly options: Pick<OidcOptions, 'issuer' | 'timeoutMs'>) {}

  /** @throws LoginError when the provider is down or describes itself wrongly */
  async metadata(): Promise<ProviderMetadata> {
    if (this.cached && this.cached.until > performance.now()) return this.cached.metadata;
    this.pending ??= this.discover().finally(() => {
      this.pending = undefined;
    });
    return this.pending;
  }

  /** As last fetched, however long ago; undefined until then. */
  get known(): ProviderMetadata | undefined {
    return this.latest;
  }

  /** Resolves the key of a token by its header. */
  keySet({ jwksUri }: ProviderMetadata, use: KeyUse): JWTVerifyGetKey {
    const name = `${use} ${jwksUri}`;
    const keys = this.keys.get(name) ?? new ProviderKeys(jwksUri, this.options.timeoutMs);
    this.keys.set(name, keys);
    return keys.resolve;
  }

  private async discover(): Promise<ProviderMetadata> {
    const { issuer, timeoutMs } = this.options;
    const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const { status, body } = await fetchJson(url, { method: 'GET' }, timeoutMs);
    if (status !== 200) throw new LoginError('login_provider_unavailable', `discovery answered ${String(status)}`);
    const metadata = parseMetadata(body, issuer);
    this.latest = metadata;
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
