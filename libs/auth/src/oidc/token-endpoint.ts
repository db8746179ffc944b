import { LoginError } from './login.errors';
import type { OidcOptions } from './oidc-options';
import { fetchJson } from './provider-fetch';

export interface TokenResponse {
  readonly idToken: string;
  readonly accessToken: string;
}

/** RFC 6749 §2.3.1: both halves of a basic credential are form-encoded first. */
const formEncode = (text: string) => new URLSearchParams({ x: text }).toString().slice(2);

/** Exchanges the authorization code, with the PKCE verifier of the same login (RFC 6749 §4.1.3, RFC 7636 §4.5). */
export async function redeemCode(
  options: OidcOptions,
  tokenEndpoint: string,
  code: string,
  codeVerifier: string,
): Promise<TokenResponse> {
  const { clientId, clientSecret, clientAuthentication } = options;
  const form = new URLSearchParams({
    grant_type: 'authorization_code',
    code,
    redirect_uri: options.redirectUri,
    code_verifier: codeVerifier,
  });
  const headers: Record<string, string> = {};
  if (clientAuthentication === 'client_secret_basic') {
    const credential = `${formEncode(clientId)}:${formEncode(clientSecret)}`;
    headers['authorization'] = `Basic ${Buffer.from(credential).toString('base64')}`;
  } else {
    form.set('client_id', clientId);
    form.set('client_secret', clientSecret);
  }
  const { status, body } = await fetchJson(tokenEndpoint, { method: 'POST', headers, body: form }, options.timeoutMs);
  if (status !== 200) throw refusal(status, body['error']);
  const { id_token: idToken, access_token: accessToken } = body;
  if (typeof idToken !== 'string' || typeof accessToken !== 'string') {
    throw new LoginError('login_token_invalid', 'the token response lacks id_token or access_token');
  }
  return { idToken, accessToken };
}

/** A code that is spent or was made for another login is the login's failure; all else is the set-up's. */
function refusal(status: number, error: unknown): LoginError {
  const cause = `the token endpoint answered ${String(status)} ${typeof error === 'string' ? error.slice(0, 80) : ''}`;
  return new LoginError(error === 'invalid_grant' ? 'login_state_unknown' : 'login_provider_refused', cause);
}
