import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What somebody else's software thinks of a certificate with its chain and its CRLs. */
export type Verdict = 'good' | 'revoked' | 'refused';

export interface Opinion {
  readonly verdict: Verdict;
  /** In the words of the oracle. */
  readonly reason: string;
}

/**
 * Judges every case, which is a folder of `leaf.crt`, `chain.crt` (from the leaf's issuer up to below the root), `root.crt`,
 * `crls.pem` (in the same order, then the root's) and `purpose` (client or server), all in PEM.
 *
 * @returns the opinions by name of the case
 */
export type Oracle = (cases: string) => Promise<ReadonlyMap<string, Opinion>>;

const PROGRAMS = join(__dirname, '..', 'oracles');
const PURPOSE_IDS = { client: '1.3.6.1.5.5.7.3.2', server: '1.3.6.1.5.5.7.3.1' } as const;

/** Java's CertPathValidator (Debian's default-jdk-headless). */
export const java: Oracle = async (cases) =>
  linesOf(await run('java', ['-Xshare:auto', join(PROGRAMS, 'PkixOracle.java'), cases], 'default-jdk-headless'));

/** Go's crypto/x509 (Debian's golang-go). */
export const go: Oracle = async (cases) => {
  const work = mkdtempSync(join(tmpdir(), 'ovpn-go-'));
  try {
    const variables = { GO111MODULE: 'off', GOCACHE: join(tmpdir(), 'ovpn-go-cache'), GOPATH: work };
    return linesOf(await run('go', ['run', join(PROGRAMS, 'x509_oracle.go'), cases], 'golang-go', variables));
  } finally {
    rmSync(work, { recursive: true });
  }
};

/** OpenSSL, as strict as it can be: what OpenVPN on servers uses. */
export const openssl: Oracle = (cases) =>
  each(cases, async (folder, purpose) => {
    const strictly = ['verify', '-x509_strict', '-crl_check_all', '-no-CApath', '-no-CAstore'];
    const files = ['-CAfile', 'root.crt', '-untrusted', 'chain.crt', '-CRLfile', 'crls.pem'];
    const args = [...strictly, '-purpose', `ssl${purpose}`, ...files, 'leaf.crt'];
    const said = await run('openssl', args, 'openssl', {}, folder);
    if (said === 'leaf.crt: OK\n') return { verdict: 'good', reason: '' };
    return { verdict: said.includes('certificate revoked') ? 'revoked' : 'refused', reason: said };
  });

/** GnuTLS's certtool. It looks at the signature of a CRL only when asked for that alone. */
export const certtool: Oracle = (cases) =>
  each(cases, async (folder, purpose) => {
    const text = (name: string) => readFileSync(join(folder, name), 'utf8');
    const write = (name: string, content: string) => writeFileSync(join(folder, name), content);
    write('presented.crt', text('leaf.crt') + text('chain.crt'));
    const authorities = blocksOf(text('chain.crt') + text('root.crt'));
    for (const [index, crl] of blocksOf(text('crls.pem')).entries()) {
      write('issuer.crt', authorities[index] ?? '');
      write('issuer.crl', crl);
      const said = await certtoolSays(folder, '--verify-crl', 'issuer.crl', 'issuer.crt');
      if (!conclusionOf(said).startsWith('Verified.')) return { verdict: 'refused', reason: conclusionOf(said) };
    }
    const options = ['--verify-purpose', PURPOSE_IDS[purpose], '--load-crl', 'crls.pem'];
    const reason = conclusionOf(await certtoolSays(folder, '--verify', 'presented.crt', 'root.crt', options));
    if (reason.startsWith('Verified.')) return { verdict: 'good', reason: '' };
    return { verdict: reason.includes('revoked') ? 'revoked' : 'refused', reason };
  });

function certtoolSays(
  folder: string,
  what: string,
  file: string,
  authorities: string,
  options: readonly string[] = [],
) {
  const args = [what, '--infile', file, '--load-ca-certificate', authorities, ...options];
  return run('certtool', args, 'gnutls-bin', {}, folder);
}

function blocksOf(pem: string): string[] {
  return pem.split(/(?<=-----END [^-]+-----\n)/);
}

function conclusionOf(said: string): string {
  return /^.*[Vv]erification output: (.*)$/m.exec(said)?.[1] ?? said;
}

async function each(
  cases: string,
  judge: (folder: string, purpose: 'client' | 'server') => Promise<Opinion>,
): Promise<ReadonlyMap<string, Opinion>> {
  const opinions = new Map<string, Opinion>();
  for (const name of readdirSync(cases)) {
    const folder = join(cases, name);
    const purpose = readFileSync(join(folder, 'purpose'), 'utf8') === 'server' ? 'server' : 'client';
    opinions.set(name, await judge(folder, purpose));
  }
  return opinions;
}

function linesOf(output: string): ReadonlyMap<string, Opinion> {
  const opinions = new Map<string, Opinion>();
  for (const line of output.trimEnd().split('\n')) {
    const [name = '', verdict, reason = ''] = line.split('\t');
    if (verdict !== 'good' && verdict !== 'revoked' && verdict !== 'refused')
      throw new Error(`not a verdict: ${output}`);
    opinions.set(name, { verdict, reason });
  }
  return opinions;
}

/** All that a program said, whatever its exit status. */
function run(
  command: string,
  args: readonly string[],
  debianPackage: string,
  variables: NodeJS.ProcessEnv = {},
  folder = '.',
): Promise<string> {
  const options = { cwd: folder, env: { ...process.env, ...variables }, maxBuffer: 16 * 2 ** 20 };
  return new Promise((resolve, reject) => {
    execFile(command, [...args], options, (error, stdout, stderr) => {
      if (error !== null && error.code === 'ENOENT') {
        reject(new Error(`${command} is needed for this test: install Debian's ${debianPackage}.`));
      } else resolve(stdout + stderr);
    });
  });
}
