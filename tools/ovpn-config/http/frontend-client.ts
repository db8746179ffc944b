import { Agent, type Dispatcher, EnvHttpProxyAgent, request } from 'undici';
import { rootCertificates } from 'node:tls';
import { codeOf, errorText } from '../../cli/refused';
import { ExitStatus, Failed } from '../failed';
import type { Settings } from '../settings';
import type { Surroundings } from '../surroundings';
import { type Problem, problemOf, refusal } from './problem';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

export interface Call {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Access token or pre-shared key. */
  readonly credential?: string;
  readonly body?: object;
  /** With one, a POST may be sent again: it is carried out once. */
  readonly idempotencyKey?: string;
}

/** A bundle has the CRL of every issuer. */
const LARGEST_ANSWER = 64 * 1024 * 1024;
const ATTEMPTS = 3;
const LONGEST_PAUSE_SECONDS = 30;
const PASSING: readonly number[] = [429, 502, 503, 504];

/** Speaks with the frontend. Redirects are not followed: they would carry a credential elsewhere. */
export class FrontendClient {
  private readonly dispatcher: Dispatcher;

  constructor(
    private readonly settings: Pick<Settings, 'url' | 'ca' | 'timeoutMs'>,
    private readonly surroundings: Surroundings,
  ) {
    this.dispatcher = dispatcherFor(settings.ca, surroundings);
  }

  get url(): string {
    return this.settings.url;
  }

  async close(): Promise<void> {
    await this.dispatcher.destroy();
  }

  /** The answer to a call that succeeded. @throws Failed */
  async call(call: Call): Promise<Answer> {
    const answer = await this.attempt(call);
    if (answer.status >= 200 && answer.status < 300) return answer;
    throw refusal(problemOf(answer));
  }

  /** The JSON object that a call answers. @throws Failed */
  async json(call: Call): Promise<Readonly<Record<string, unknown>>> {
    return objectOf(await this.call(call));
  }

  /** As `json`, and a refusal is an answer too. @throws Failed when there is no answer */
  async jsonOrProblem(
    call: Call,
  ): Promise<{ readonly ok: boolean; readonly value: Readonly<Record<string, unknown>> }> {
    const answer = await this.attempt(call);
    if (answer.status >= 500 || answer.status === 429) throw refusal(problemOf(answer));
    return { ok: answer.status < 300, value: objectOf(answer) };
  }

  /** Sends what may be sent again up to three times, with the pauses that the frontend asks for. */
  private async attempt(call: Call): Promise<Answer> {
    const attempts = call.method === 'GET' || call.idempotencyKey !== undefined ? ATTEMPTS : 1;
    for (let count = 1; ; count += 1) {
      const outcome = await this.outcome(call);
      if (count < attempts && isPassing(outcome) && !this.surroundings.signal.aborted) {
        await this.pause(count, outcome instanceof Failed ? undefined : problemOf(outcome));
      } else if (outcome instanceof Failed) throw outcome;
      else return outcome;
    }
  }

  private async outcome(call: Call): Promise<Answer | Failed> {
    try {
      return await this.send(call);
    } catch (error) {
      if (error instanceof Failed) return error;
      throw error;
    }
  }

  private async pause(count: number, problem?: Problem): Promise<void> {
    const wished = problem?.retryAfterSeconds;
    if (wished !== undefined && wished > LONGEST_PAUSE_SECONDS && problem !== undefined) throw refusal(problem);
    await this.surroundings.wait((wished ?? count) * 1000, this.surroundings.signal);
  }

  private async send({ method, path, credential, body, idempotencyKey }: Call): Promise<Answer> {
    const { url, timeoutMs } = this.settings;
    const signal = AbortSignal.any([this.surroundings.signal, AbortSignal.timeout(timeoutMs)]);
    try {
      const response = await request(`${url}${path}`, {
        method,
        dispatcher: this.dispatcher,
        signal,
        headers: {
          accept: 'application/json, */*',
          'user-agent': 'ovpn-config',
          ...(credential !== undefined && { authorization: `Bearer ${credential}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return { status: response.statusCode, headers: response.headers, body: await bytesOf(response.body) };
    } catch (error) {
      if (error instanceof Failed) throw error;
      throw unreachable(error, url);
    }
  }
}

/** Whether the same request may be answered otherwise before long; the last code is that of one which is still being carried out. */
function isPassing(outcome: Answer | Failed): boolean {
  if (outcome instanceof Failed || PASSING.includes(outcome.status)) return true;
  return outcome.status === 409 && problemOf(outcome).code === 'idempotency_key_in_use';
}

function dispatcherFor(ca: string | undefined, { environment }: Surroundings): Dispatcher {
  const tls = ca === undefined ? {} : { ca: [...rootCertificates, ca] };
  const variable = (name: string): string => environment[name.toLowerCase()] ?? environment[name] ?? '';
  const [httpProxy, httpsProxy, noProxy] = [variable('HTTP_PROXY'), variable('HTTPS_PROXY'), variable('NO_PROXY')];
  if (httpProxy === '' && httpsProxy === '') return new Agent({ connect: tls });
  return new EnvHttpProxyAgent({ httpProxy, httpsProxy, noProxy, connect: tls, requestTls: tls, proxyTls: tls });
}

async function bytesOf(body: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    const bytes = Buffer.from(chunk as Uint8Array);
    length += bytes.length;
    if (length > LARGEST_ANSWER) throw new Failed(ExitStatus.unavailable, 'The answer is larger than any could be.');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function objectOf({ body }: Answer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw new Failed(ExitStatus.unavailable, 'The answer is no JSON object: is this the address of the frontend?');
}

function unreachable(error: unknown, url: string): Failed {
  const code = codeOf(error);
  const hint =
    typeof code === 'string' && /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code) ? ' Name its CA with --ca-file.' : '';
  return new Failed(ExitStatus.unavailable, `${url} cannot be reached: ${errorText(error)}.${hint}`, {
    cause: error,
  });
}
