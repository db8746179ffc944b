import 'reflect-metadata';
import { HttpSigningClient, JsonClient, type IssuedCertificate, type SigningClient } from '@libs/contracts';
import { createKeyPairAndCsr } from '@libs/pki';
import { randomUUID } from 'node:crypto';
import { type IssuingStack, startIssuingStack } from './issuing-stack';
import { type LoadResult, sustain } from './load';
import { Cleanup } from './log-cleanup';

const WARM_UP_SECONDS = 3;
const MEASURED_SECONDS = 10;
const IN_FLIGHT = 16;
/** Requests are made beforehand: the service is measured, not the making of keys. */
const REQUESTS = 200;

/**
 * `npm run bench:issue`: audited issuance through the signing service's API. Every certificate that is counted was signed,
 * stands durably in the log, and came with a receipt that signing has verified.
 */
async function main(): Promise<void> {
  const cleanup = new Cleanup();
  try {
    const stack = await startIssuingStack(cleanup);
    const requests = await Promise.all(Array.from({ length: REQUESTS }, makeRequest));
    const http = new JsonClient({
      baseUrl: stack.signing.url,
      key: stack.frontendKey,
      service: 'signing',
      timeoutMs: 30_000,
    });
    const signing = new HttpSigningClient(http);
    const issueOne = async (n: number): Promise<void> => {
      assertAudited(await issue(signing, requests[n % REQUESTS] ?? ''));
    };
    await sustain(IN_FLIGHT, WARM_UP_SECONDS, issueOne);
    report(stack, await sustain(IN_FLIGHT, MEASURED_SECONDS, issueOne));
    await http.close();
  } finally {
    await cleanup.run();
  }
}

async function makeRequest(): Promise<string> {
  return (await createKeyPairAndCsr({ commonName: 'bench', algorithm: 'P-256' })).csrPem;
}

function issue(signing: SigningClient, csr: string): Promise<IssuedCertificate> {
  const id = randomUUID();
  const context = { issuance_id: id, user_id: randomUUID(), client_address: '192.0.2.1', user_agent: 'bench' };
  return signing.issue(id, { csr, kind: 'user', common_name: 'bench@example.org', context });
}

function assertAudited({ certificate, receipt }: IssuedCertificate): void {
  if (certificate.startsWith('-----BEGIN CERTIFICATE') && receipt.startsWith('c2sp.org/tlog-proof')) return;
  throw new Error('an answer lacked the certificate or its receipt');
}

function report(stack: IssuingStack, load: LoadResult): void {
  print('audited_certificates_per_second_c16', load.perSecond, 'certificates/s');
  print('issue_p50_ms_c16', load.p50Ms, 'ms');
  print('issue_p99_ms_c16', load.p99Ms, 'ms');
  print('signing_rss_mb', stack.signing.residentMb(), 'MB');
  print('certtransparency_rss_mb', stack.certtransparency.residentMb(), 'MB');
  print('signing_ready_ms', stack.signing.readyMs, 'ms');
  print('certtransparency_ready_ms', stack.certtransparency.readyMs, 'ms');
}

function print(name: string, value: number, unit: string): void {
  process.stdout.write(`${JSON.stringify({ name, value: Math.round(value * 10) / 10, unit })}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? String(error.stack) : String(error)}\n`);
  process.exitCode = 1;
});
