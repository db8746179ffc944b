import { MalformedDer, MalformedPem, type ParsedCertificate, parseCertificate, parsePem } from '@libs/pki';
import { readdir, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { Refused, codeOf, errorText } from '../../cli/refused';
import type { Ceremony } from '../ceremony';
import { isCa } from './ca-fitness';
import { type IndexEntry, MalformedIndex, parseIndex } from './index-file';

/** A certificate that was found in a file, or why what stands there is none. */
export interface FoundCertificate {
  readonly path: string;
  readonly certificate: ParsedCertificate | undefined;
  /** A sentence without its full stop; empty where there is a certificate. */
  readonly problem: string;
}

/** A CA as another tool has left it. */
export interface ExistingCa {
  readonly layout: 'easy-rsa' | 'PEM files';
  readonly certificatePath: string;
  readonly certificate: ParsedCertificate;
  readonly keyPath: string;
  readonly keyText: string;
  /** OpenSSL's database; undefined where there is none. */
  readonly index: readonly IndexEntry[] | undefined;
  readonly crl: { readonly path: string; readonly content: Buffer } | undefined;
  /** All other certificates. */
  readonly issued: readonly FoundCertificate[];
}

/** Finds the CA in easy-rsa's layout, or among PEM files of one folder. @throws Refused */
export async function findCa(ceremony: Ceremony, folder: string): Promise<ExistingCa> {
  for (const candidate of [folder, join(folder, 'pki')]) {
    if ((await exists(join(candidate, 'ca.crt'))) && (await exists(join(candidate, 'private', 'ca.key')))) {
      return easyRsa(ceremony, candidate);
    }
  }
  return pemFiles(ceremony, folder);
}

async function easyRsa(ceremony: Ceremony, folder: string): Promise<ExistingCa> {
  const certificatePath = join(folder, 'ca.crt');
  const [found] = await certificatesIn(ceremony, certificatePath);
  if (found?.certificate === undefined) {
    throw new Refused(`${certificatePath} is not a certificate: ${found?.problem ?? 'it is empty'}.`);
  }
  const issued: FoundCertificate[] = [];
  for (const name of ['issued', join('revoked', 'certs_by_serial')]) {
    for (const path of await filesIn(join(folder, name))) issued.push(...(await certificatesIn(ceremony, path)));
  }
  return {
    layout: 'easy-rsa',
    certificatePath,
    certificate: found.certificate,
    ...(await keyAt(ceremony, join(folder, 'private', 'ca.key'))),
    index: await indexAt(ceremony, join(folder, 'index.txt')),
    crl: await crlAt(ceremony, join(folder, 'crl.pem')),
    issued,
  };
}

async function pemFiles(ceremony: Ceremony, folder: string): Promise<ExistingCa> {
  const files = await filesIn(folder);
  const texts = new Map<string, string>();
  for (const path of files) texts.set(path, (await ceremony.read(path)).toString('latin1'));
  const having = (pattern: RegExp): string[] => files.filter((path) => pattern.test(texts.get(path) ?? ''));
  const found: FoundCertificate[] = [];
  for (const path of having(/-----BEGIN CERTIFICATE-----/)) found.push(...(await certificatesIn(ceremony, path)));
  const keys = having(/-----BEGIN [A-Z ]*PRIVATE KEY-----|"openvpn-manager-key-v1"/);
  const authorities = found.filter(({ certificate }) => certificate !== undefined && isCa(certificate));
  const { authority, keyPath } = pairOf(authorities, keys, folder);
  const crlPath = having(/-----BEGIN X509 CRL-----/)[0];
  const index = files.find((path) => basename(path) === 'index.txt');
  return {
    layout: 'PEM files',
    certificatePath: authority.path,
    certificate: authority.certificate,
    ...(await keyAt(ceremony, keyPath)),
    index: index === undefined ? undefined : await indexAt(ceremony, index),
    crl: crlPath === undefined ? undefined : await crlAt(ceremony, crlPath),
    issued: found.filter((item) => item.certificate !== authority.certificate),
  };
}

/** The only CA and the only key, or the two whose files are named alike. */
function pairOf(
  authorities: readonly FoundCertificate[],
  keys: readonly string[],
  folder: string,
): { readonly authority: { path: string; certificate: ParsedCertificate }; readonly keyPath: string } {
  const pairs = authorities.flatMap(({ path, certificate }) =>
    certificate === undefined
      ? []
      : keys
          .filter((key) => (authorities.length === 1 && keys.length === 1) || stem(key) === stem(path))
          .map((keyPath) => ({ authority: { path, certificate }, keyPath })),
  );
  const [pair] = pairs;
  if (pair !== undefined && pairs.length === 1) return pair;
  throw new Refused(
    `${folder} is no CA: it holds ${authorities.length} certificates of CAs and ${keys.length} private keys. ` +
      'Leave one of each there, or name the files of the CA alike, as ca.crt and ca.key.',
  );
}

/** `root-ca.key.pem`, `root-ca.key` and `root-ca.crt` are named alike. */
const stem = (path: string): string => basename(path).replace(/\.(?:key|crt|cer|cert|pem|json)(?:\.pem|\.json)?$/i, '');

async function certificatesIn(ceremony: Ceremony, path: string): Promise<FoundCertificate[]> {
  try {
    const blocks = parsePem((await ceremony.read(path)).toString('latin1'));
    const certificates = blocks.filter(({ label }) => label === 'CERTIFICATE');
    return certificates.map(({ der }) => ({ path, certificate: parseCertificate(der), problem: '' }));
  } catch (error) {
    if (!(error instanceof MalformedPem || error instanceof MalformedDer)) throw error;
    return [{ path, certificate: undefined, problem: errorText(error) }];
  }
}

async function keyAt(ceremony: Ceremony, keyPath: string): Promise<Pick<ExistingCa, 'keyPath' | 'keyText'>> {
  return { keyPath, keyText: (await ceremony.read(keyPath)).toString('utf8') };
}

async function indexAt(ceremony: Ceremony, path: string): Promise<readonly IndexEntry[] | undefined> {
  if (!(await exists(path))) return undefined;
  try {
    return parseIndex((await ceremony.read(path)).toString('utf8'));
  } catch (error) {
    if (error instanceof MalformedIndex) throw new Refused(`${path}: ${error.message}.`, { cause: error });
    throw error;
  }
}

async function crlAt(ceremony: Ceremony, path: string): Promise<ExistingCa['crl']> {
  return (await exists(path)) ? { path, content: await ceremony.read(path) } : undefined;
}

const EXTENSIONS: readonly string[] = ['.crt', '.cer', '.cert', '.pem', '.key', '.crl', '.json', '.txt'];

/** Files of the folder itself that may hold something of a CA, by name. */
async function filesIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    const names = entries.filter((entry) => entry.isFile() && EXTENSIONS.includes(extname(entry.name).toLowerCase()));
    return names.map(({ name }) => join(folder, name)).sort();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw new Refused(`${folder} cannot be read.`, { cause: error });
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
