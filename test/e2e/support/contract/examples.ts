import type { Exchange } from './exchange';
import type { Samples } from './samples';

/** What a reader of the API is shown of an exchange. */
export interface Example {
  readonly name: string;
  readonly request: Readonly<Record<string, unknown>>;
  readonly answer: {
    readonly status: number;
    readonly type?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: unknown;
  };
}

export interface Examples {
  readonly operations: Readonly<Record<string, readonly Example[]>>;
  /** By code: what any operation answers. */
  readonly problems: Readonly<Record<string, { readonly status: number; readonly body: unknown }>>;
}

const REQUEST_HEADERS = ['idempotency-key', 'if-match', 'if-none-match', 'prefer', 'vpn-session-token'];
const ANSWER_HEADERS = [
  ...['certificate-fingerprint', 'content-disposition', 'etag', 'last-modified', 'link', 'location', 'ovpn-webauth'],
  ...['retry-after', 'vpn-session-token', 'www-authenticate'],
];

/**
 * Examples for the document of a service.
 *
 * @param own exchanges that are about their operation
 * @param common refusals that are alike everywhere: the first of each code stands for all
 */
export function examplesOf(own: readonly Exchange[], common: readonly Exchange[], samples: Samples): Examples {
  const operations: Record<string, Example[]> = {};
  for (const { promised } of own) {
    for (const text of textsIn([promised.path, promised.query, promised.body])) samples.keep(text);
  }
  for (const exchange of own) {
    const { operation } = exchange.promised;
    operations[operation] = [...(operations[operation] ?? []), exampleOf(exchange, samples)];
  }
  const problems: Record<string, { status: number; body: unknown }> = {};
  for (const { promised, answer } of common) {
    const { code } = promised;
    if (code === undefined || problems[code] !== undefined) continue;
    problems[code] = { status: answer.status, body: samples.of(answer.body, `problem ${code}`) };
  }
  return { operations, problems };
}

function exampleOf({ promised, request, answer }: Exchange, samples: Samples): Example {
  const { operation, name } = promised;
  const place = `${operation} ${name}`;
  const put = (part: 'path' | 'query' | 'body', sent: unknown) =>
    written(promised[part], sent, `${place} ${part}`, samples);
  const headers = { ...telling(request.headers, REQUEST_HEADERS), ...otherThanJson(request.headers['accept']) };
  const received = {
    status: answer.status,
    ...(answer.type === '' ? {} : { type: answer.type }),
    ...present('headers', telling(answer.headers, ANSWER_HEADERS)),
    ...(answer.body === undefined ? {} : { body: answer.body }),
  };
  const sent = {
    ...present('path', put('path', request.path)),
    ...present('query', put('query', request.query)),
    ...present('headers', samples.of(headers, `${place} headers`)),
    ...(request.body === undefined ? {} : { body: put('body', request.body) }),
  };
  return { name, request: sent, answer: samples.of(received, `${place} answer`) };
}

/** What a case says itself stays as it is; what it refers to is another on each run. */
function written(said: unknown, sent: unknown, place: string, samples: Samples, name = ''): unknown {
  if (typeof said === 'string') return said.includes('$') ? samples.of(sent, place, name) : said;
  if (typeof said !== 'object' || said === null) return said;
  const parts = sent as Readonly<Record<string, unknown>>;
  const part = (key: string, item: unknown, ofName: string) =>
    written(item, parts[key], `${place}/${key}`, samples, ofName);
  if (Array.isArray(said)) return said.map((item, at) => part(String(at), item, name));
  return Object.fromEntries(Object.entries(said).map(([key, item]) => [key, part(key, item, key)]));
}

/** All that cases say themselves. */
function textsIn(said: unknown): readonly string[] {
  if (typeof said === 'string') return said.includes('$') ? [] : [said];
  return typeof said === 'object' && said !== null ? Object.values(said).flatMap(textsIn) : [];
}

function telling(headers: Readonly<Record<string, string>>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => names.includes(name)));
}

function otherThanJson(accept: string | undefined): Record<string, string> {
  return accept === undefined || accept === 'application/json' ? {} : { accept };
}

function present(name: string, members: unknown): object {
  return Object.keys(members ?? {}).length === 0 ? {} : { [name]: members };
}
