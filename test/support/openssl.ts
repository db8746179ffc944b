import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Chain {
  readonly root: string;
  readonly intermediate: string;
  readonly certificate: string;
  /** PEM bundle of the CRLs of root and intermediate: without it revocation is not looked at. */
  readonly crl?: string;
}

/** What `openssl verify -x509_strict` says about a certificate; it exits with an error unless it accepts it. */
export function opensslVerify(chain: Chain, purpose: 'sslclient' | 'sslserver'): string {
  const folder = mkdtempSync(join(tmpdir(), 'ovpn-openssl-'));
  try {
    const file = (name: string, content: string) => {
      writeFileSync(join(folder, name), content);
      return name;
    };
    const revocation = chain.crl === undefined ? [] : ['-crl_check_all', '-CRLfile', file('crl.pem', chain.crl)];
    const args = [
      'verify',
      '-x509_strict',
      '-purpose',
      purpose,
      ...revocation,
      '-CAfile',
      file('root.crt', chain.root),
      '-untrusted',
      file('intermediate.crt', chain.intermediate),
      file('leaf.crt', chain.certificate),
    ];
    return execFileSync('openssl', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
