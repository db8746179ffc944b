import {
  type CertificateAuthority,
  Issuer,
  type ParsedCrl,
  createAuthority,
  createRootCrl,
  crlPemLabel,
  dayMs,
  onlyPemBlock,
  openPrivateKey,
  parseCrl,
  sealPrivateKey,
  toPem,
} from '@libs/pki';
import { StartError } from '@libs/http';
import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const ROOT_CRL_VALIDITY_DAYS = 90;

/** Everything but the root's key is what the signing service reads; that key is here because nobody holds a ceremony in development. */
const FILES = ['intermediate.key.json', 'intermediate.crt', 'root.crt', 'root.crl.pem', 'root.key.json'] as const;

/**
 * A development root, intermediate and root CRL in `directory`, owner-only, made when the folder is missing or empty. The root's
 * CRL is signed again once less than half of its life is left. Several processes may enter at once: the folder appears whole,
 * under the one that was first.
 * @throws StartError when the folder holds something else, or the passphrase is not the one it was made with
 */
export async function ensureDevelopmentPki(directory: string, passphrase: string): Promise<void> {
  const present = await entriesOf(directory);
  if (present.length === 0) await createPki(directory, passphrase);
  const missing = FILES.filter((name) => present.length > 0 && !present.includes(name));
  if (missing.length > 0) {
    throw new StartError(
      `${directory} is not a complete development PKI: ${missing.join(', ')} missing. Remove the folder to start anew.`,
    );
  }
  await refreshRootCrl(directory, passphrase);
}

async function createPki(directory: string, passphrase: string): Promise<void> {
  const { root, intermediate, rootCrl } = await createAuthority({
    rootCommonName: 'OpenVPN Manager Development Root CA',
    intermediateCommonName: 'OpenVPN Manager Development Intermediate CA',
    algorithm: 'P-256',
    now: new Date(),
    rootCrlValidityDays: ROOT_CRL_VALIDITY_DAYS,
  });
  const contents: Readonly<Record<(typeof FILES)[number], string>> = {
    'intermediate.key.json': await sealPrivateKey(intermediate.privateKey, passphrase),
    'intermediate.crt': toPem('CERTIFICATE', intermediate.issuer.der),
    'root.crt': toPem('CERTIFICATE', root.issuer.der),
    'root.crl.pem': toPem(crlPemLabel, rootCrl),
    'root.key.json': await sealPrivateKey(root.privateKey, passphrase),
  };
  const temporary = `${directory}.${randomBytes(6).toString('hex')}`;
  await mkdir(dirname(directory), { recursive: true });
  await mkdir(join(temporary, 'crl'), { recursive: true, mode: 0o700 });
  for (const name of FILES) await writeDurably(join(temporary, name), contents[name]);
  await publishFolder(temporary, directory);
}

/** Renaming onto a folder works only while that is missing or empty: whoever comes second keeps the first one's. */
async function publishFolder(temporary: string, directory: string): Promise<void> {
  try {
    await rename(temporary, directory);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    if (!hasCode(error, 'ENOTEMPTY', 'EEXIST')) throw error;
  }
}

async function refreshRootCrl(directory: string, passphrase: string): Promise<void> {
  if (!isDue(await readRootCrl(directory))) return;
  await withLock(join(directory, 'root.crl.lock'), async () => {
    const previous = await readRootCrl(directory);
    if (!isDue(previous)) return;
    const root = await openRoot(directory, passphrase);
    const crl = await createRootCrl(root, { now: new Date(), validityDays: ROOT_CRL_VALIDITY_DAYS, previous });
    const path = join(directory, 'root.crl.pem');
    const temporary = `${path}.${randomBytes(6).toString('hex')}`;
    await writeDurably(temporary, toPem(crlPemLabel, crl));
    await rename(temporary, path);
  });
}

function isDue({ nextUpdate }: ParsedCrl): boolean {
  return nextUpdate === undefined || nextUpdate.getTime() - Date.now() < (ROOT_CRL_VALIDITY_DAYS * dayMs) / 2;
}

async function readRootCrl(directory: string): Promise<ParsedCrl> {
  return parseCrl(onlyPemBlock(await readFile(join(directory, 'root.crl.pem'), 'utf8'), crlPemLabel));
}

async function openRoot(directory: string, passphrase: string): Promise<CertificateAuthority> {
  const certificate = await readFile(join(directory, 'root.crt'), 'utf8');
  const issuer = Issuer.fromCertificate(onlyPemBlock(certificate, 'CERTIFICATE'));
  const key = await readFile(join(directory, 'root.key.json'), 'utf8');
  return { issuer, privateKey: await openPrivateKey(key, passphrase, { spki: issuer.certificate.tbs.spki }) };
}

async function writeDurably(path: string, content: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Long enough for the slowest machine to sign one CRL; a lock that is older was left by a process that died. */
const STALE_LOCK_MS = 30_000;

async function withLock(path: string, work: () => Promise<void>): Promise<void> {
  while (!(await acquired(path))) await delay(50);
  try {
    await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function acquired(path: string): Promise<boolean> {
  try {
    await (await open(path, 'wx', 0o600)).close();
    return true;
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
    const age = await ageOf(path);
    if (age > STALE_LOCK_MS) await rm(path, { force: true });
    return false;
  }
}

async function ageOf(path: string): Promise<number> {
  try {
    return Date.now() - (await stat(path)).mtimeMs;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return 0;
    throw error;
  }
}

async function entriesOf(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    typeof error.code === 'string' &&
    codes.includes(error.code)
  );
}
