import { type Dispatcher, EnvHttpProxyAgent, request } from 'undici';
import { AgentProblem, reasonOf } from '../problems';

/** A page of 10,000 revocations has 2 MB; a CRL of 300,000 entries 12 MB, and a third more as PEM. */
const MAX_BYTES = 64 * 1024 * 1024;
const TIMEOUT_MS = 10_000;

export interface ManagerOptions {
  readonly url: string;
  readonly psk: string;
  /** Trusted in place of the system's CAs. */
  readonly ca: string | undefined;
}

interface CallOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

interface Answer {
  readonly status: number;
  readonly headers: Dispatcher.ResponseData['headers'];
  readonly text: string;
}

/** The frontend as the agent knows it. Proxies are taken from the environment (`HTTPS_PROXY`, `NO_PROXY`). */
export class ManagerClient {
  private readonly dispatcher: EnvHttpProxyAgent;

  constructor(private readonly options: ManagerOptions) {
    const tls = options.ca === undefined ? {} : { ca: options.ca };
    this.dispatcher = new EnvHttpProxyAgent({
      connect: { ...tls, timeout: TIMEOUT_MS },
      requestTls: tls,
      connections: 4,
    });
  }

  /** A signed page of the revocation feed, as soon as there is a revocation, or after `waitSeconds`. */
  async page(query: Readonly<Record<string, number>>, waitSeconds: number, signal: AbortSignal): Promise<string> {
    const parameters = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
    const { text } = await this.call('GET', `/api/v1/revocations?${parameters.toString()}`, {
      headers: { accept: 'text/plain', prefer: `wait=${waitSeconds}` },
      timeoutMs: waitSeconds * 1_000 + TIMEOUT_MS,
      signal,
    });
    return text;
  }

  /** The PEM bundle of CRLs; undefined when it is the one with this entity tag. */
  async crls(
    etag: string | undefined,
    signal: AbortSignal,
  ): Promise<{ text: string; etag: string | undefined } | undefined> {
    const headers: Record<string, string> = etag === undefined ? {} : { 'if-none-match': etag };
    const answer = await this.call('GET', '/crl.pem', { headers, timeoutMs: TIMEOUT_MS, signal });
    if (answer.status === 304) return undefined;
    const tag = answer.headers['etag'];
    return { text: answer.text, etag: typeof tag === 'string' ? tag : undefined };
  }

  async report(body: object, signal: AbortSignal): Promise<void> {
    await this.call('POST', '/api/v1/servers/report', {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      timeoutMs: TIMEOUT_MS,
      signal,
    });
  }

  async close(): Promise<void> {
    await this.dispatcher.destroy();
  }

  private async call(method: 'GET' | 'POST', path: string, options: CallOptions): Promise<Answer> {
    // `AbortSignal.any` would leave a trace in the agent's own signal for every request of its life.
    const ending = new AbortController();
    const end = () => {
      ending.abort();
    };
    const timer = setTimeout(end, options.timeoutMs);
    options.signal.addEventListener('abort', end, { once: true });
    if (options.signal.aborted) end();
    try {
      const answer = await this.exchange(method, path, { ...options, signal: ending.signal });
      assertAnswered(answer);
      return answer;
    } finally {
      clearTimeout(timer);
      options.signal.removeEventListener('abort', end);
    }
  }

  private async exchange(method: 'GET' | 'POST', path: string, options: CallOptions): Promise<Answer> {
    const { url, psk } = this.options;
    try {
      options.signal.throwIfAborted();
      const response = await request(`${url}${path}`, {
        method,
        dispatcher: this.dispatcher,
        signal: options.signal,
        headers: { ...options.headers, authorization: `Bearer ${psk}` },
        body: options.body ?? null,
        headersTimeout: options.timeoutMs,
        bodyTimeout: options.timeoutMs,
      });
      return { status: response.statusCode, headers: response.headers, text: await boundedText(response.body) };
    } catch (cause) {
      throw new AgentProblem('manager_unreachable', `the manager does not answer: ${reasonOf(cause)}`, { cause });
    }
  }
}

function assertAnswered({ status }: Answer): void {
  if ((status >= 200 && status < 300) || status === 304) return;
  if (status === 401 || status === 403) {
    throw new AgentProblem('credential_refused', `the manager refuses the pre-shared key (${status})`);
  }
  throw new AgentProblem('manager_unreachable', `the manager answered ${status}`);
}

async function boundedText(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new Error('the answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
