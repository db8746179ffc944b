export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Empty when the answer has none. */
  readonly body: Record<string, unknown>;
}

export interface ApiCall {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
}

/** One request of a program, and the JSON of its answer. @param route `METHOD address` */
export async function apiCall(url: string, route: string, { headers = {}, body }: ApiCall = {}): Promise<ApiAnswer> {
  const [method = '', path = ''] = route.split(' ');
  const response = await fetch(`${url}${path}`, {
    method,
    redirect: 'manual',
    headers: { accept: 'application/json', ...(body && { 'content-type': 'application/json' }), ...headers },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true && text !== '';
  return {
    status: response.status,
    headers: response.headers,
    body: isJson ? (JSON.parse(text) as Record<string, unknown>) : {},
  };
}

/** The items of a list's answer. */
export function itemsOf({ body }: ApiAnswer): readonly Record<string, unknown>[] {
  return body['items'] as readonly Record<string, unknown>[];
}
