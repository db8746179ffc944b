import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  buildCrl,
  type CertificateAuthority,
  createAuthority,
  crlPemLabel,
  dayMs,
  type PublicKeyInfrastructure,
  sha256,
  signWithKey,
  toPem,
} from '@libs/pki';
import { FixedClock } from '@libs/testing';
import { generateNoteKey, printVerifierKey } from '@libs/tlog';
import { issuedEntry, type TestCertificate, TestIssuer } from '../../../apps/certtransparency/test/certificate-fixture';
import {
  type LogDatabaseFixture,
  migratedLogDatabase,
  READER_KEY,
  type RunningLog,
  startLog,
  WRITER_KEY,
} from '../../../apps/certtransparency/test/log-fixture';
import { run } from '../run';

/** What a round said. */
export interface Round {
  readonly status: number;
  readonly output: string;
}

/** What the proxy may do to an answer of the log; undefined lets it pass. */
export type Distortion = (path: string, body: Buffer) => Buffer | undefined;

const SIGNER = generateNoteKey('log.example/monitored');
const passOn: Distortion = () => undefined;

/** A log behind a proxy that can lie, a CA whose CRL is served beside it, and a monitor of both. */
export class MonitorLab {
  readonly clock = new FixedClock(new Date());
  readonly folder = mkdtempSync(join(tmpdir(), 'ovpn-monitor-'));
  distort: Distortion = passOn;
  crlBody = '';
  /** Entries in the present log. */
  size = 0;
  private stateName = '';
  private crlNumber = 0;
  private revoked: string[] = [];

  private constructor(
    readonly pki: PublicKeyInfrastructure,
    private readonly certificates: TestIssuer,
    private readonly server: Server,
    private database: LogDatabaseFixture,
    private log: RunningLog,
  ) {}

  static async open(): Promise<MonitorLab> {
    const names = { rootCommonName: 'Root', intermediateCommonName: 'Intermediate', algorithm: 'P-256' } as const;
    const pki = await createAuthority({ ...names, now: new Date(), rootCrlValidityDays: 30 });
    const server = createServer();
    const database = await migratedLogDatabase();
    const log = await startLog(database, { signer: SIGNER });
    const lab = new MonitorLab(pki, await TestIssuer.create(), server, database, log);
    server.on('request', (request, response) => {
      lab.answer(request, response).catch(() => response.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const chain = [pki.intermediate, pki.root].map(({ issuer }) => toPem('CERTIFICATE', issuer.der)).join('');
    writeFileSync(join(lab.folder, 'ca-chain.crt'), chain);
    return lab;
  }

  async close(): Promise<void> {
    await this.drop();
    this.server.close();
    this.server.closeAllConnections();
    rmSync(this.folder, { recursive: true });
  }

  /** Nothing has been seen yet, nobody lies, and the CRL is as it should be. */
  async begin(): Promise<void> {
    this.stateName = `state-${randomBytes(4).toString('hex')}.json`;
    this.distort = passOn;
    this.clock.set(new Date());
    await this.publish();
  }

  /** Another log with the same key, unless told otherwise, as if the old one had never been. */
  async startAnew(signer = SIGNER): Promise<void> {
    await this.drop();
    this.database = await migratedLogDatabase();
    this.log = await startLog(this.database, { signer });
    this.size = 0;
    this.revoked = [];
  }

  get stateFile(): string {
    return join(this.folder, this.stateName);
  }

  get issuerId(): string {
    return this.pki.intermediate.issuer.spkiSha256.toString('hex');
  }

  /** Issues a certificate by the intermediate. */
  async issue(): Promise<TestCertificate> {
    const certificate = await this.certificates.certificate();
    const { type, kind, certificate: der } = issuedEntry(certificate);
    await this.append({ type, kind, certificate: der, issuer: this.issuerId });
    return certificate;
  }

  async revoke({ fingerprint, serialNumber }: TestCertificate): Promise<void> {
    await this.append({ type: 'revoked', fingerprint, reason: 'superseded', revoked_at: new Date().toISOString() });
    this.revoked.push(serialNumber);
  }

  /** Serves the CRLs of root and intermediate: the latter with all that was revoked, logged and signed, unless told otherwise. */
  async publish(options: { also?: string; logged?: boolean; by?: CertificateAuthority } = {}): Promise<void> {
    this.crlNumber += 1;
    const now = this.clock.now();
    const serialNumbers = [...this.revoked, ...(options.also === undefined ? [] : [options.also])];
    const content = {
      number: BigInt(this.crlNumber),
      thisUpdate: now,
      nextUpdate: new Date(now.getTime() + dayMs),
      revoked: serialNumbers.map((serialNumber) => ({ serialNumber, revokedAt: now, reason: 4 })),
    };
    const { issuer } = this.pki.intermediate;
    const { privateKey } = options.by ?? this.pki.intermediate;
    const der = await buildCrl(issuer, content, (data) => signWithKey(privateKey, data));
    if (options.logged !== false) {
      const crlSha256 = sha256(der).toString('hex');
      await this.append({ type: 'crl', issuer: this.issuerId, crl_number: this.crlNumber, crl_sha256: crlSha256 });
    }
    this.crlBody = toPem(crlPemLabel, der) + toPem(crlPemLabel, this.pki.rootCrl);
  }

  async round(...argv: readonly string[]): Promise<Round> {
    return this.monitor(['--once', ...argv], new AbortController().signal);
  }

  async monitor(argv: readonly string[], signal: AbortSignal, onText?: (text: string) => void): Promise<Round> {
    const chunks: string[] = [];
    const write = (text: string) => {
      chunks.push(text);
      onText?.(text);
    };
    const status = await run([...this.arguments, ...argv], {
      environment: { NODE_ENV: 'test', CT_READER_KEY: READER_KEY },
      stdout: write,
      stderr: write,
      signal,
      clock: this.clock,
    });
    return { status, output: chunks.join('') };
  }

  /** Files beside the state that hold contradicting checkpoints. */
  get evidence(): readonly string[] {
    return readdirSync(this.folder).filter((name) => name.startsWith(`${this.stateName}.evidence-`));
  }

  /** Sizes of the two checkpoints in the evidence. */
  evidenceSizes(): number[] {
    const evidence = readFileSync(join(this.folder, this.evidence[0] ?? ''), 'utf8');
    return [...evidence.matchAll(/^log\.example\/monitored\n(\d+)\n/gm)].map(([, size]) => Number(size));
  }

  private get arguments(): string[] {
    const url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    const key = ['--key', printVerifierKey(SIGNER.verifier)];
    const state = ['--state', this.stateFile];
    return ['--log', url, ...state, ...key, '--crl', `${url}/crl.pem`, '--ca', join(this.folder, 'ca-chain.crt')];
  }

  private async append(entry: object): Promise<void> {
    const response = await fetch(`${this.log.url}/api/v1/entries`, {
      method: 'POST',
      headers: { authorization: `Bearer ${WRITER_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify(entry),
    });
    if (response.status !== 201) throw new Error(`the log answered ${response.status}`);
    this.size += 1;
  }

  private async drop(): Promise<void> {
    await this.log.close();
    await this.database.drop();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    if (path === '/crl.pem') {
      response.writeHead(this.crlBody === '' ? 503 : 200).end(this.crlBody);
      return;
    }
    const { authorization = '' } = request.headers;
    const answer = await fetch(`${this.log.url}${path}`, { headers: { authorization } });
    const body = Buffer.from(await answer.arrayBuffer());
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
    response.end(this.distort(path, body) ?? body);
  }
}
