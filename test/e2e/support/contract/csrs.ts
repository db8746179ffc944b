import { execFileSync } from 'node:child_process';
import { createKeyPairAndCsr, onlyPemBlock, toPem } from '@libs/pki';

const LABEL = 'CERTIFICATE REQUEST';

/** Requests of all kinds for a certificate: two good ones, and one for each thing that can be wrong. */
export async function newCsrs(): Promise<Readonly<Record<string, { readonly csr: string }>>> {
  const [own, other] = await Promise.all([newCsr(), newCsr()]);
  return {
    ownKey: { csr: own },
    otherKey: { csr: other },
    weakKey: { csr: opensslCsr('-newkey', 'rsa:1024') },
    oldSignature: { csr: opensslCsr('-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-sha1') },
    wrongSignature: { csr: withWrongSignature(own) },
  };
}

async function newCsr(): Promise<string> {
  return (await createKeyPairAndCsr({ commonName: 'x', algorithm: 'P-256' })).csrPem;
}

function opensslCsr(...options: readonly string[]): string {
  const args = ['req', '-new', '-nodes', '-subj', '/CN=x', '-keyout', '/dev/null', ...options];
  return execFileSync('openssl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}

function withWrongSignature(pem: string): string {
  const der = Buffer.from(onlyPemBlock(pem, LABEL));
  const last = der.length - 1;
  der.writeUInt8(der.readUInt8(last) ^ 1, last);
  return toPem(LABEL, der);
}
