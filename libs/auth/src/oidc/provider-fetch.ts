import { LoginError } from './login.errors';

export interface ProviderResponse {
  readonly status: number;
  /** The JSON object in the body; empty when an error answer has none. */
  readonly body: Readonly<Record<string, unknown>>;
}

/**
 * One call to the provider. Redirects are refused: they would carry credentials to where nobody configured.
 *
 * @throws LoginError `login_provider_unavailable` for no connection, no answer in time, a 5xx or a 200 that is no JSON object
 */
export async function fetchJson(url: string, init: RequestInit, timeoutMs: number): Promise<ProviderResponse> {
  let status: number;
  let text: string;
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const headers = new Headers(init.headers);
    headers.set('accept', 'application/json');
    const response = await fetch(url, { ...init, headers, redirect: 'error', signal });
    status = response.status;
    text = await response.text();
  } catch (error) {
    throw unavailable(url, error instanceof Error ? error : new Error(String(error)));
  }
  const body = parseObject(text);
  if (status >= 500 || (status === 200 && !body)) {
    throw unavailable(url, new Error(`status ${String(status)}, ${body ? 'JSON' : 'no JSON object'}`));
  }
  return { status, body: body ?? {} };
}

function unavailable(url: string, cause: Error): LoginError {
  const { origin, pathname } = new URL(url);
  return new LoginError('login_provider_unavailable', new Error(`${origin}${pathname}`, { cause }));
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}
