import { constants } from 'node:fs';
import { access, chmod, mkdir, readFile, readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { timeValue, parseCertificate, fingerprintOf } from '@libs/pki';
import { putFile } from '../cli/owner-only-files';
import { codeOf, errorText } from '../cli/refused';
import { certificateOfProfile } from '../ct-verify/profile-file';
import { ExitStatus, Failed } from './failed';
import { type ServerFile, SERVER_CERTIFICATE, SERVER_KEY } from './material/server-files';

export const STANDARD_OUTPUT = '-';
const FOLDER_MODE = 0o755;

/** The certificate of a profile, or of a folder's `server.crt`. */
export interface PresentCertificate {
  readonly fingerprint: string;
  readonly notAfter: Date;
}

/**
 * Looks before anything is asked for, so that no certificate is made which then cannot be kept.
 * @throws Failed when something is there that may not be overwritten, or nothing can be written there
 */
export async function assertWritable(path: string, force: boolean): Promise<void> {
  if (path === STANDARD_OUTPUT) return;
  if (!force && (await isPresent(path))) throw present(path);
  try {
    await access(dirname(resolve(path)), constants.W_OK);
  } catch (error) {
    throw new Failed(ExitStatus.file, `Nothing can be written to ${dirname(resolve(path))}.`, { cause: error });
  }
}

/** One file, for its owner alone, whole or not at all. */
export async function writeWhole(path: string, content: string | Uint8Array, force: boolean): Promise<void> {
  await written(() => putFile(path, content, { overwrite: force }));
}

/** The files of a server, each whole or not at all; the certificate and its key come one right after the other. */
export async function writeServer(folder: string, files: readonly ServerFile[], force: boolean): Promise<void> {
  const last: readonly string[] = [SERVER_CERTIFICATE, SERVER_KEY];
  const ordered = [
    ...files.filter(({ name }) => !last.includes(name)),
    ...files.filter(({ name }) => last.includes(name)),
  ];
  await written(async () => {
    await mkdir(folder, { recursive: true });
    // OpenVPN reads the CRL after it has become another user.
    await chmod(folder, FOLDER_MODE);
    for (const { name, mode, text } of ordered) await putFile(join(folder, name), text, { overwrite: force, mode });
  });
}

/** The certificate that stands at `path`; undefined where there is none. @throws Failed when it cannot be read */
export async function presentCertificate(path: string): Promise<PresentCertificate | undefined> {
  if (path === STANDARD_OUTPUT || !(await isPresent(path))) return undefined;
  const file = (await stat(path)).isDirectory() ? join(path, SERVER_CERTIFICATE) : path;
  try {
    const der = certificateOfProfile(await readFile(file, 'utf8'));
    const { tbs } = parseCertificate(der);
    return { fingerprint: fingerprintOf(der), notAfter: timeValue(tbs.notAfter, 'notAfter') };
  } catch (error) {
    throw new Failed(ExitStatus.file, `${file} has no certificate that can be read: ${errorText(error)}.`);
  }
}

/** An empty folder counts as nothing. */
export async function isPresent(path: string): Promise<boolean> {
  try {
    const found = await stat(path);
    return !found.isDirectory() || (await readdir(path)).length > 0;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw new Failed(ExitStatus.file, `${path} cannot be looked at.`, { cause: error });
  }
}

async function written(write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    throw new Failed(ExitStatus.file, `It cannot be written: ${errorText(error)}`, { cause: error });
  }
}

function present(path: string): Failed {
  return new Failed(ExitStatus.file, `${path} is there already: --force overwrites it.`);
}
