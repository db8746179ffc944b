import type { EntryBatch, EntryOutcome, LogEntry } from '@libs/contracts';
import { type Ed25519Signer, generateNoteKey, printVerifierKey } from '@libs/tlog';
import { once } from 'node:events';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Appended, MemoryLog } from './memory-log';

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** What the log does wrong with an append. */
export interface Faults {
  /** Answers this instead of appending. */
  insteadOfAppending?: () => Answer | 'hang' | 'drop';
  /** Appends, and then answers this. */
  afterAppending?: () => Answer | 'hang' | 'drop';
  /** Changes the answer to an append. */
  falsify?: (answer: Appended, entry: LogEntry, log: MemoryLog) => Appended | Promise<Appended>;
  /** Holds every answer to an append back until it resolves. */
  hold?: Promise<void>;
  /** Types of entries that the faults touch; all when absent. */
  only?: LogEntry['type'];
}

export const writerKey = 'writer-key-of-the-signing-service-in-tests';

/** A log at the other end of HTTP, as the contract describes it, whose faults can be switched on. */
export class FakeLogServer {
  readonly signer: Ed25519Signer = generateNoteKey('log.test/ct');
  log = new MemoryLog(this.signer);
  faults: Faults = {};
  private server: Server | undefined;
  private port = 0;

  get url(): string {
    return `http://127.0.0.1:${String(this.port)}`;
  }

  get verifierKey(): string {
    return printVerifierKey(this.signer.verifier);
  }

  async start(): Promise<void> {
    this.server = createServer((request, response) => {
      void this.handle(request, response);
    });
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as AddressInfo).port;
  }

  /** Nobody listens any more; the entries stay. */
  async stop(): Promise<void> {
    const { server } = this;
    if (server === undefined) return;
    this.server = undefined;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://log');
    const answer = await this.route(request, url);
    if (answer === 'hang') return;
    if (answer === 'drop') {
      response.destroy();
      return;
    }
    const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text);
  }

  private async route(request: IncomingMessage, url: URL): Promise<Answer | 'hang' | 'drop'> {
    if (request.headers.authorization !== `Bearer ${writerKey}`) return problem(401, 'invalid_credential');
    const path = `${request.method ?? ''} ${url.pathname}`;
    if (path === 'POST /api/v1/entries') return this.append((await bodyOf(request)) as LogEntry);
    if (path === 'POST /api/v1/entries/batch') return this.appendAll((await bodyOf(request)) as EntryBatch);
    if (path === 'POST /api/v1/crl-numbers') {
      const { issuer } = (await bodyOf(request)) as { issuer: string };
      return { status: 201, body: this.log.allocateCrlNumber(issuer) };
    }
    if (path === 'GET /api/v1/revocations') {
      return {
        status: 200,
        body: this.log.revocations(Number(url.searchParams.get('since')), url.searchParams.get('issuer')),
      };
    }
    if (path === 'GET /api/v1/proofs/inclusion') {
      const index = this.log.indexOf('issued', url.searchParams.get('fingerprint') ?? '');
      return { status: 200, body: await this.log.receipt(index) };
    }
    const fingerprint = /^GET \/api\/v1\/certificates\/([0-9a-f]{64})$/.exec(path)?.[1];
    return fingerprint === undefined ? problem(404, 'not_found') : this.certificate(fingerprint);
  }

  /** A fault that gives no answer, or none in JSON, takes the whole batch with it. */
  private async appendAll({ entries }: EntryBatch): Promise<Answer | 'hang' | 'drop'> {
    const outcomes: EntryOutcome[] = [];
    for (const entry of entries) {
      const answer = await this.append(entry);
      if (answer === 'hang' || answer === 'drop' || typeof answer.body === 'string') return answer;
      const { status, body } = answer;
      outcomes.push(
        status === 200 || status === 201
          ? { status, entry: body as Appended }
          : { status, problem: body as Record<string, unknown> },
      );
    }
    return { status: 200, body: { outcomes } };
  }

  private async append(entry: LogEntry): Promise<Answer | 'hang' | 'drop'> {
    const faults = this.faults.only === undefined || this.faults.only === entry.type ? this.faults : {};
    await faults.hold;
    if (faults.insteadOfAppending) return faults.insteadOfAppending();
    const known = entry.type === 'issued' ? this.log.knownIssuance(entry.context?.issuance_id) : undefined;
    if (known !== undefined) return problem(409, 'issuance_known', { fingerprint: known });
    const appended = await this.log.append(entry);
    if (appended === undefined) return problem(404, 'certificate_not_found');
    if (faults.afterAppending) return faults.afterAppending();
    const body = faults.falsify ? await faults.falsify(appended, entry, this.log) : appended;
    return { status: appended.known ? 200 : 201, body };
  }

  private certificate(fingerprint: string): Answer {
    const index = this.log.indexOf('issued', fingerprint);
    if (index < 0) return problem(404, 'certificate_not_found');
    const { leaf, context } = this.log.at(index);
    if (leaf.type !== 'issued') return problem(404, 'certificate_not_found');
    const revocation = this.log.revoked.find((revoked) => revoked.issuedIndex === index);
    const record = {
      index,
      fingerprint,
      serial_number: leaf.serial.toString('hex').toUpperCase(),
      kind: leaf.kind,
      common_name: leaf.commonName,
      issuer: leaf.issuer.toString('hex'),
      not_before: new Date(leaf.notBefore).toISOString(),
      not_after: new Date(leaf.notAfter).toISOString(),
      logged_at: new Date(leaf.loggedAt).toISOString(),
      revocation: revocation === undefined ? null : this.log.revocationOf(revocation),
      context: context ?? null,
      certificate: leaf.der.toString('base64'),
    };
    return { status: 200, body: record };
  }
}

export function problem(status: number, code: string, extensions: object = {}): Answer {
  return { status, body: { type: 'about:blank', title: code, status, code, ...extensions } };
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}
