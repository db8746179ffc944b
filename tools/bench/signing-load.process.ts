import 'reflect-metadata';
import type { IssuedCertificate } from '@libs/contracts';
import { createKeyPairAndCsr, onlyPemBlock } from '@libs/pki';
import { type NoteVerifier, parseReceipt, parseVerifierKey, rebuildLeaf, verifyReceipt } from '@libs/tlog';
import { randomUUID } from 'node:crypto';
import { Pool } from 'undici';
import { sustain } from './load';
import type { LoadRound } from './load-process';
import type { IssuingResult } from './signing-load';

/** Made beforehand: the service is measured, not the making of keys. */
const CSRS = 200;
/** Signing verifies every receipt. One in so many is verified here as well, which shows that it did. */
const VERIFIED_EVERY = 50;

interface Target {
  readonly pool: Pool;
  readonly headers: Readonly<Record<string, string>>;
  readonly verifier: NoteVerifier;
  /** Request bodies around the issuance id. */
  readonly bodies: readonly (readonly [before: string, behind: string])[];
}

async function serve([url = '', key = '', verifierKey = '']: readonly string[]): Promise<void> {
  const target: Target = {
    pool: new Pool(url, { connections: 64, pipelining: 1 }),
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    verifier: parseVerifierKey(verifierKey),
    bodies: await Promise.all(Array.from({ length: CSRS }, makeBody)),
  };
  process.on('message', (round: LoadRound) => void issueRound(target, round).then(answer, fail));
  process.once('disconnect', () => void target.pool.destroy().finally(() => process.exit()));
  answer('ready');
}

async function makeBody(): Promise<readonly [string, string]> {
  const { csrPem } = await createKeyPairAndCsr({ commonName: 'bench', algorithm: 'P-256' });
  const context = { issuance_id: 'ID', user_id: randomUUID(), client_address: '192.0.2.1', user_agent: 'bench' };
  const body = JSON.stringify({ csr: csrPem, kind: 'user', common_name: 'bench@example.org', context });
  const [before = '', behind = ''] = body.split('"ID"');
  return [`${before}"`, `"${behind}`];
}

async function issueRound(target: Target, { inFlight, seconds }: LoadRound): Promise<IssuingResult> {
  const [before, started] = [process.cpuUsage(), performance.now()];
  const load = await sustain(inFlight, seconds, (n) => issueOne(target, n));
  const { user, system } = process.cpuUsage(before);
  return { ...load, generatorShare: (user + system) / 1000 / (performance.now() - started) };
}

async function issueOne({ pool, headers, verifier, bodies }: Target, n: number): Promise<void> {
  const id = randomUUID();
  const [before, behind] = bodies[n % bodies.length] ?? ['', ''];
  const { statusCode, body } = await pool.request({
    method: 'POST',
    path: '/api/v1/certificates',
    headers: { ...headers, 'idempotency-key': id },
    body: `${before}${id}${behind}`,
  });
  const text = await body.text();
  if (statusCode !== 201 || !text.includes('c2sp.org/tlog-proof')) {
    throw new Error(`a request was answered with ${String(statusCode)}: ${text}`);
  }
  if (n % VERIFIED_EVERY === 0) assertProven(JSON.parse(text) as IssuedCertificate, verifier);
}

/** @throws TlogError when the certificate does not stand in the log */
function assertProven({ certificate, receipt }: IssuedCertificate, verifier: NoteVerifier): void {
  const der = onlyPemBlock(certificate, 'CERTIFICATE');
  verifyReceipt(parseReceipt(receipt), (extra) => rebuildLeaf(extra ?? Buffer.alloc(0), der), [verifier]);
}

function answer(message: IssuingResult | 'ready'): void {
  process.send?.(message);
}

function fail(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? String(error.stack) : String(error)}\n`);
  process.exit(1);
}

serve(process.argv.slice(2)).catch(fail);
