import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { verifierOutput } from '../../../libs/pki/test/external-tools';

const run = promisify(execFile);
const EASY_RSA = '/usr/share/easy-rsa/easyrsa';

/** Runs Debian's easy-rsa on `folder`/pki. */
export async function easyRsa(folder: string, variables: NodeJS.ProcessEnv, ...argv: readonly string[]): Promise<void> {
  const env = { ...process.env, EASYRSA_BATCH: '1', EASYRSA_PKI: join(folder, 'pki'), ...variables };
  try {
    await run(EASY_RSA, [...argv], { env, cwd: folder });
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') {
      throw new Error("easy-rsa is needed for this test: install Debian's easy-rsa.", { cause: error });
    }
    throw error;
  }
}

/** A self-signed CA by openssl, in `folder`/ca.crt and ca.key, with exactly these extensions. */
export async function opensslRoot(
  folder: string,
  options: {
    readonly key?: readonly string[];
    readonly extensions?: readonly string[];
    readonly more?: readonly string[];
  },
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'], extensions = GOOD_ROOT, more = [] } = options;
  // Without a section of extensions of its own, openssl would add some.
  await writeFile(join(folder, 'req.cnf'), '[req]\ndistinguished_name = dn\nprompt = no\n[dn]\nCN = Old Root\n');
  await verifierOutput('openssl', [
    ...['req', '-x509', '-config', join(folder, 'req.cnf'), '-noenc', '-days', '3650', ...key],
    ...['-keyout', join(folder, 'ca.key'), '-out', join(folder, 'ca.crt'), '-subj', '/C=DE/O=Example/CN=Old Root'],
    ...extensions.flatMap((extension) => ['-addext', extension]),
    ...more,
  ]);
}

export const GOOD_ROOT: readonly string[] = [
  'basicConstraints=critical,CA:TRUE,pathlen:1',
  'keyUsage=critical,keyCertSign,cRLSign',
  'subjectKeyIdentifier=hash',
];

/** An intermediate below the CA in `rootFolder`, in `folder`/ca.crt and ca.key. */
export async function opensslIntermediate(
  folder: string,
  rootFolder: string,
  options: { readonly days?: string; readonly extensions?: readonly string[]; readonly more?: readonly string[] },
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { days = '365', extensions = GOOD_INTERMEDIATE, more = [] } = options;
  await writeFile(
    join(folder, 'req.cnf'),
    '[req]\ndistinguished_name = dn\nprompt = no\n[dn]\nCN = Old Intermediate\n',
  );
  await verifierOutput('openssl', [
    ...['req', '-x509', '-config', join(folder, 'req.cnf'), '-noenc', '-days', days],
    ...['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-subj', '/CN=Old Intermediate'],
    ...['-CA', join(rootFolder, 'ca.crt'), '-CAkey', join(rootFolder, 'ca.key')],
    ...['-keyout', join(folder, 'ca.key'), '-out', join(folder, 'ca.crt')],
    ...extensions.flatMap((extension) => ['-addext', extension]),
    ...more,
  ]);
}

export const GOOD_INTERMEDIATE: readonly string[] = [
  'basicConstraints=critical,CA:TRUE,pathlen:0',
  'keyUsage=critical,keyCertSign,cRLSign',
  'subjectKeyIdentifier=hash',
  'authorityKeyIdentifier=keyid:always',
];
