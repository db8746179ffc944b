import { createAuthority, createKeyPairAndCsr, toPem } from '@libs/pki';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { randomBytes } from 'node:crypto';

const run = promisify(execFile);
const EASY_RSA = '/usr/share/easy-rsa/easyrsa';

/** A tool that signs certificates and records them at most in a text file. */
export interface Rival {
  readonly name: string;
  /** Whether it may be started again before it has ended. */
  readonly isParallel: boolean;
  /** Signs a certificate: each call is the n-th. */
  readonly sign: (n: number) => Promise<void>;
}

export interface RivalFiles {
  readonly folder: string;
  readonly certificate: string;
  readonly key: string;
  readonly csr: string;
}

/** A P-256 CA and a request for all of them. */
export async function prepareRivalFiles(folder: string): Promise<RivalFiles> {
  const now = new Date();
  const names = { rootCommonName: 'Root', intermediateCommonName: 'Intermediate' };
  const { intermediate } = await createAuthority({ ...names, algorithm: 'P-256', now, rootCrlValidityDays: 30 });
  const files = {
    folder,
    certificate: join(folder, 'ca.crt'),
    key: join(folder, 'ca.key'),
    csr: join(folder, 'request.csr'),
  };
  await mkdir(folder, { recursive: true });
  await writeFile(files.certificate, toPem('CERTIFICATE', intermediate.issuer.der));
  await writeFile(files.key, intermediate.privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
  await writeFile(files.csr, (await createKeyPairAndCsr({ commonName: 'bench', algorithm: 'P-256' })).csrPem);
  return files;
}

/** Those that are installed. */
export async function installedRivals(files: RivalFiles): Promise<readonly Rival[]> {
  const rivals: Rival[] = [];
  if (await answers('openssl', 'version')) rivals.push(await opensslCa(files));
  if (await answers('cfssl', 'version')) rivals.push(await cfssl(files));
  if (existsSync(EASY_RSA)) rivals.push(await easyRsa(files));
  return rivals;
}

async function answers(command: string, ...args: readonly string[]): Promise<boolean> {
  return run(command, args).then(
    () => true,
    () => false,
  );
}

async function opensslCa(files: RivalFiles): Promise<Rival> {
  const database = await OpensslDatabase.create(files, 'openssl-sign', '');
  const sign = async (n: number): Promise<void> => {
    const out = join(database.folder, `${String(n)}.crt`);
    await database.ca('-batch', '-notext', '-in', files.csr, '-out', out);
  };
  return { name: 'openssl_ca', isParallel: false, sign };
}

async function cfssl({ folder, certificate, key, csr }: RivalFiles): Promise<Rival> {
  const config = join(folder, 'cfssl.json');
  const usages = ['signing', 'client auth'];
  await writeFile(config, JSON.stringify({ signing: { default: { expiry: '2160h', usages } } }));
  const sign = async (): Promise<void> => {
    await run('cfssl', ['sign', '-loglevel', '5', '-ca', certificate, '-ca-key', key, '-config', config, csr]);
  };
  return { name: 'cfssl_sign', isParallel: true, sign };
}

async function easyRsa({ folder, csr }: RivalFiles): Promise<Rival> {
  const pki = join(folder, 'easy-rsa');
  const env = { ...process.env, EASYRSA_PKI: pki, EASYRSA_BATCH: '1', EASYRSA_ALGO: 'ec', EASYRSA_CURVE: 'prime256v1' };
  const easyrsa = (...args: readonly string[]) => run(EASY_RSA, [...args], { env, cwd: folder });
  await easyrsa('init-pki');
  await easyrsa('build-ca', 'nopass');
  const sign = async (n: number): Promise<void> => {
    await copyFile(csr, join(pki, 'reqs', `${String(n)}.req`));
    await easyrsa('sign-req', 'client', String(n));
  };
  return { name: 'easy_rsa', isParallel: false, sign };
}

/** The text files in which `openssl ca` keeps what it knows. */
export class OpensslDatabase {
  private constructor(
    readonly folder: string,
    private readonly config: string,
  ) {}

  /** @param index the content of its database */
  static async create({ folder, certificate, key }: RivalFiles, name: string, index: string): Promise<OpensslDatabase> {
    const own = join(folder, name);
    await mkdir(own);
    await writeFile(join(own, 'index.txt'), index);
    await writeFile(join(own, 'index.txt.attr'), 'unique_subject = no\n');
    await writeFile(join(own, 'crlnumber'), '01\n');
    const config = join(own, 'openssl.cnf');
    await writeFile(config, configuration(own, certificate, key));
    return new OpensslDatabase(own, config);
  }

  /** One that has revoked so many certificates. */
  static revoked(files: RivalFiles, count: number): Promise<OpensslDatabase> {
    const line = () => `R\t330101000000Z\t260101000000Z,superseded\t${serial()}\tunknown\t/CN=bench@example.org\n`;
    const index = Array.from({ length: count }, line).join('');
    return OpensslDatabase.create(files, `openssl-crl-${String(count)}`, index);
  }

  async ca(...args: readonly string[]): Promise<void> {
    await run('openssl', ['ca', '-config', this.config, ...args]);
  }

  async buildCrl(): Promise<void> {
    await this.ca('-gencrl', '-out', join(this.folder, 'crl.pem'));
  }
}

/** Twenty bytes, positive. */
function serial(): string {
  return `4${randomBytes(20).toString('hex').slice(1).toUpperCase()}`;
}

function configuration(folder: string, certificate: string, key: string): string {
  return `
[ca]
default_ca = bench
[bench]
database = ${folder}/index.txt
new_certs_dir = ${folder}
certificate = ${certificate}
private_key = ${key}
rand_serial = yes
crlnumber = ${folder}/crlnumber
default_md = sha256
default_days = 90
default_crl_days = 7
policy = any
x509_extensions = client
crl_extensions = crl
[any]
commonName = supplied
[client]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[crl]
authorityKeyIdentifier = keyid
`;
}
