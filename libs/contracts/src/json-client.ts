import { Agent, request, type Dispatcher } from 'undici';
import { currentRequestId, DomainError } from '@libs/http';
import { withinDeadline } from './call-deadline';

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
  /** Overrides the client's timeout for this call, in milliseconds. */
  readonly timeoutMs?: number;
}

export interface JsonClientOptions {
  /** Without a trailing slash. */
  readonly baseUrl: string;
  /** Service key, sent as `Authorization: Bearer`. */
  readonly key: string;
  /** What the service is called in errors: `signing`, `certtransparency`. */
  readonly service: string;
  readonly timeoutMs: number;
  /** Connections kept open to the service. */
  readonly connections?: number;
}

/** A body, and the entity tag (RFC 9110 §8.8.3) that tells it from others; undefined where the service gave none. */
export interface TaggedBytes {
  readonly bytes: Buffer;
  readonly etag: string | undefined;
}

type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * What is known of a request that got no usable answer: `not_started`, it reached nobody or was turned away at the door;
 * `given_up`, the service says that it did not succeed (503); `unknown`, it may have been carried out.
 */
export type UpstreamOutcome = 'not_started' | 'given_up' | 'unknown';

interface UpstreamUnavailableOptions {
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
  /** Default `unknown`. */
  readonly outcome?: UpstreamOutcome;
}

/** The other service is down, too slow, overloaded, or answered what it should not: 503 with `Retry-After` to our own caller. */
export class UpstreamUnavailable extends DomainError {
  readonly outcome: UpstreamOutcome;

  constructor(service: string, options: UpstreamUnavailableOptions = {}) {
    super({
      code: `${service}_unavailable`,
      status: 503,
      title: `The ${service} service is not available`,
      retryAfterSeconds: options.retryAfterSeconds ?? 5,
      cause: options.cause,
    });
    this.outcome = options.outcome ?? 'unknown';
  }
}

/** The other service refused the request (4xx): nothing was done. What it says is passed on to our own caller. */
export class UpstreamRefused extends DomainError {
  constructor(
    readonly service: string,
    readonly upstreamStatus: number,
    readonly upstreamCode: string,
    detail: string | undefined,
    /** The problem document as it came. */
    readonly problem: Readonly<Record<string, unknown>>,
  ) {
    super({ code: upstreamCode, status: upstreamStatus, title: titleOf(problem), detail });
  }
}

/**
 * The other service says itself that it failed for good (502): nothing was done, and asking again changes nothing before somebody has
 * looked at it. What it calls the failure is passed on to our own caller.
 */
export class UpstreamFailed extends DomainError {
  constructor(service: string, problem: Readonly<Record<string, unknown>>, code: string) {
    super({ code, status: 502, title: titleOf(problem), cause: new Error(`${service} answered 502`) });
  }
}

/** An answer that is not a success. */
export interface UpstreamFailure {
  readonly status: number;
  /** The problem document; empty where there was none. */
  readonly problem: Readonly<Record<string, unknown>>;
  readonly retryAfterSeconds?: number;
}

/** What an answer that is not a success means to whoever asked: UpstreamRefused, UpstreamFailed or UpstreamUnavailable. */
export function upstreamFailure(service: string, { problem, status, ...retry }: UpstreamFailure): DomainError {
  const cause = new Error(`${service} answered ${String(status)}`);
  // Our own key being refused is our misconfiguration, never the caller's fault; 429 is a matter of time.
  if (status === 401 || status === 403 || status === 429) {
    return new UpstreamUnavailable(service, { ...retry, cause, outcome: 'not_started' });
  }
  // A proxy on the way answers 502 as well, but it has no words of ours for it, and is gone in a moment.
  if (status === 502 && problem['status'] === status && typeof problem['code'] === 'string') {
    return new UpstreamFailed(service, problem, problem['code']);
  }
  if (status < 400 || status >= 500) {
    const outcome = status === 503 ? 'given_up' : 'unknown';
    return new UpstreamUnavailable(service, { ...retry, cause, outcome });
  }
  const code = typeof problem['code'] === 'string' ? problem['code'] : `${service}_refused`;
  const detail = typeof problem['detail'] === 'string' ? problem['detail'] : undefined;
  return new UpstreamRefused(service, status, code, detail, problem);
}

function titleOf({ title }: Readonly<Record<string, unknown>>): string {
  return typeof title === 'string' && title !== '' ? title : 'The request was refused';
}

/**
 * HTTP client of one service: keep-alive, service key, request id handed on, a timeout on every call, and four outcomes —
 * an answer, UpstreamRefused for 4xx, UpstreamFailed for what the service gave up for good, UpstreamUnavailable for everything else
 * (which may or may not have been carried out).
 */
export class JsonClient {
  private readonly agent: Agent;

  constructor(private readonly options: JsonClientOptions) {
    this.agent = new Agent({ connections: options.connections ?? 64, pipelining: 1, keepAliveTimeout: 30_000 });
  }

  /** What the service is called in errors. */
  get service(): string {
    return this.options.service;
  }

  async get<T>(path: string, query: Query = {}, options?: CallOptions): Promise<T> {
    return this.object(await this.call('GET', path, query, undefined, options)) as T;
  }

  async getOrNull<T>(path: string, query: Query = {}, options?: CallOptions): Promise<T | null> {
    try {
      return await this.get<T>(path, query, options);
    } catch (error) {
      if (error instanceof UpstreamRefused && error.upstreamStatus === 404) return null;
      throw error;
    }
  }

  async post<T>(path: string, body: object, options?: CallOptions): Promise<T> {
    return this.object(await this.call('POST', path, {}, JSON.stringify(body), options)) as T;
  }

  async text(path: string, query: Query = {}, options?: CallOptions): Promise<string> {
    return (await this.bytes(path, query, options)).toString('utf8');
  }

  async bytes(path: string, query: Query = {}, options?: CallOptions): Promise<Buffer> {
    return this.call('GET', path, query, undefined, options);
  }

  /** The body and its entity tag; undefined where that is still `etag` (RFC 9110 §13.1.2). */
  async bytesUnlessSame(
    path: string,
    etag: string | undefined,
    options?: CallOptions,
  ): Promise<TaggedBytes | undefined> {
    const headers = { ...options?.headers, ...(etag !== undefined && { 'if-none-match': etag }) };
    const { response, bytes } = await this.exchange('GET', path, {}, undefined, { ...options, headers });
    if (response.statusCode === 304) return undefined;
    if (!isSuccess(response)) throw this.failure(response, bytes);
    const tag = response.headers['etag'];
    return { bytes, etag: typeof tag === 'string' ? tag : undefined };
  }

  async close(): Promise<void> {
    await this.agent.close();
  }

  private async call(
    method: Dispatcher.HttpMethod,
    path: string,
    query: Query,
    body: string | undefined,
    options?: CallOptions,
  ): Promise<Buffer> {
    const { response, bytes } = await this.exchange(method, path, query, body, options);
    if (isSuccess(response)) return bytes;
    throw this.failure(response, bytes);
  }

  /** Any answer at all. @throws UpstreamUnavailable */
  private async exchange(
    method: Dispatcher.HttpMethod,
    path: string,
    query: Query,
    body: string | undefined,
    options: CallOptions = {},
  ): Promise<{ readonly response: Dispatcher.ResponseData; readonly bytes: Buffer }> {
    const requestId = currentRequestId();
    try {
      return await withinDeadline(options.timeoutMs ?? this.options.timeoutMs, options.signal, async (signal) => {
        const response = await request(this.url(path, query), {
          method,
          dispatcher: this.agent,
          signal,
          headers: {
            authorization: `Bearer ${this.options.key}`,
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            ...(requestId === undefined ? {} : { 'x-request-id': requestId }),
            ...options.headers,
          },
          ...(body === undefined ? {} : { body }),
        });
        return { response, bytes: Buffer.from(await response.body.arrayBuffer()) };
      });
    } catch (cause) {
      throw new UpstreamUnavailable(this.options.service, {
        cause,
        outcome: neverConnected(cause) ? 'not_started' : 'unknown',
      });
    }
  }

  private failure(response: Dispatcher.ResponseData, bytes: Buffer): DomainError {
    return upstreamFailure(this.options.service, {
      status: response.statusCode,
      problem: parseObject(bytes) ?? {},
      ...retryAfter(response),
    });
  }

  /** The other side is our own service behind a service key; what decides trust (receipts) is verified by whoever uses it. */
  private object(bytes: Buffer): Record<string, unknown> {
    const value = parseObject(bytes);
    if (!value) {
      const cause = new Error('the answer is not a JSON object');
      throw new UpstreamUnavailable(this.options.service, { cause });
    }
    return value;
  }

  private url(path: string, query: Query): string {
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) parameters.set(name, String(value));
    }
    const search = parameters.toString();
    return `${this.options.baseUrl}${path}${search === '' ? '' : `?${search}`}`;
  }
}

const isSuccess = ({ statusCode }: Dispatcher.ResponseData): boolean => statusCode >= 200 && statusCode < 300;

const CONNECT_FAILURES = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
];

function neverConnected(error: unknown): boolean {
  return (
    typeof error === 'object' && error !== null && 'code' in error && CONNECT_FAILURES.includes(String(error.code))
  );
}

function retryAfter(response: Dispatcher.ResponseData): { retryAfterSeconds?: number } {
  const header = response.headers['retry-after'];
  const seconds = typeof header === 'string' && /^\d{1,5}$/.test(header) ? Number(header) : undefined;
  return seconds === undefined ? {} : { retryAfterSeconds: seconds };
}

function parseObject(bytes: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
