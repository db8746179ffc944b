import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const P256 = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
const CA_USAGE = 'critical,keyCertSign,cRLSign';

/** A root, an intermediate, a server and a client made by the openssl command: PEM texts by name. */
export interface ThrowawayPki {
  readonly root: string;
  readonly intermediate: string;
  readonly crl: string;
  readonly server: { readonly certificate: string; readonly privateKey: string };
  readonly client: { readonly certificate: string; readonly privateKey: string };
}

/** @param directory an empty folder that is the caller's to remove */
export async function makeThrowawayPki(directory: string, serverName: string): Promise<ThrowawayPki> {
  const openssl = async (...args: string[]) => run('openssl', args, { cwd: directory });
  const read = async (name: string) => readFile(join(directory, name), 'utf8');
  const certify = async (name: string, subject: string, issuer: string, extensions: readonly string[]) => {
    await openssl('req', ...P256, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${subject}`);
    const all = [...extensions, 'subjectKeyIdentifier=hash', 'authorityKeyIdentifier=keyid'];
    await writeFile(join(directory, `${name}.ext`), `${all.join('\n')}\n`);
    const signer = ['-CA', `${issuer}.crt`, '-CAkey', `${issuer}.key`, '-days', '2', '-extfile', `${name}.ext`];
    await openssl('x509', '-req', '-in', `${name}.csr`, ...signer, '-out', `${name}.crt`);
    return { certificate: await read(`${name}.crt`), privateKey: await read(`${name}.key`) };
  };
  const leaf = (usage: string) => [
    'basicConstraints=critical,CA:false',
    'keyUsage=critical,digitalSignature',
    `extendedKeyUsage=${usage}`,
  ];

  const rootArgs = ['-x509', ...P256, '-days', '2', '-subj', '/CN=Throwaway root', '-addext', `keyUsage=${CA_USAGE}`];
  await openssl('req', ...rootArgs, '-keyout', 'root.key', '-out', 'root.crt');
  const ca = ['basicConstraints=critical,CA:true,pathlen:0', `keyUsage=${CA_USAGE}`];
  const intermediate = await certify('intermediate', 'Throwaway intermediate', 'root', ca);
  return {
    root: await read('root.crt'),
    intermediate: intermediate.certificate,
    server: await certify('server', serverName, 'intermediate', leaf('serverAuth')),
    client: await certify('client', 'ada', 'intermediate', leaf('clientAuth')),
    crl: await makeCrls(directory, openssl, ['intermediate', 'root']),
  };
}

async function makeCrls(
  directory: string,
  openssl: (...args: string[]) => Promise<unknown>,
  issuers: readonly string[],
): Promise<string> {
  const settings = ['database=index.txt', 'crlnumber=crlnumber', 'default_md=sha256', 'default_crl_days=2'];
  const config = [
    '[ca]',
    'default_ca=d',
    '[d]',
    ...settings,
    'crl_extensions=e',
    '[e]',
    'authorityKeyIdentifier=keyid',
  ];
  await writeFile(join(directory, 'ca.cnf'), `${config.join('\n')}\n`);
  await writeFile(join(directory, 'index.txt'), '');
  await writeFile(join(directory, 'crlnumber'), '01\n');
  let bundle = '';
  for (const issuer of issuers) {
    const files = ['-cert', `${issuer}.crt`, '-keyfile', `${issuer}.key`, '-out', `${issuer}.crl`];
    await openssl('ca', '-config', 'ca.cnf', '-gencrl', ...files);
    bundle += await readFile(join(directory, `${issuer}.crl`), 'utf8');
  }
  return bundle;
}
