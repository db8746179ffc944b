import { StartError } from '@libs/http';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { assertOwnerOnly } from './owner-only';

/** The issuer whose files stand in the PKI directory itself. */
export const topIssuerName = 'intermediate';

/** Where the files of one issuer stand. */
export interface IssuerFiles {
  readonly name: string;
  readonly certificate: string;
  /** Undefined where there is no key. */
  readonly key: string | undefined;
  /** Where a key would stand. */
  readonly keyExpected: string;
}

const CERTIFICATE = 'intermediate.crt';
const ENVELOPE = 'intermediate.key.json';
/** An envelope of ours, or PKCS #8. */
const KEYS: readonly string[] = [ENVELOPE, 'intermediate.key.pem'];
const FOLDERS = 'issuers';
const FOLDER_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/**
 * The issuers of a PKI directory: one in the directory itself, others in `issuers/<name>/`, each with `intermediate.crt` and its
 * encrypted key. Where another issuer is active, the one at the top need not be there.
 * @throws StartError when a folder is open to others or oddly named, or an issuer has two keys
 */
export async function findIssuers(directory: string, active: string): Promise<readonly IssuerFiles[]> {
  await assertOwnerOnly(directory);
  const top = await filesOf(directory, topIssuerName);
  const isThere = top.present || active === topIssuerName;
  const further = await furtherIssuers(join(directory, FOLDERS));
  if (further.some(({ name }) => name === topIssuerName)) {
    throw new StartError(`${join(directory, FOLDERS, topIssuerName)}: this name belongs to the issuer at the top.`);
  }
  return isThere ? [top.files, ...further] : further;
}

async function furtherIssuers(folder: string): Promise<IssuerFiles[]> {
  const names = await namesIn(folder);
  if (names === undefined) return [];
  await assertOwnerOnly(folder);
  const found: IssuerFiles[] = [];
  for (const name of [...names].sort()) {
    const path = join(folder, name);
    if (!FOLDER_NAME.test(name)) {
      throw new StartError(`${path}: an issuer's folder is named with letters, digits, dots, hyphens and underscores.`);
    }
    await assertOwnerOnly(path);
    found.push((await filesOf(path, name)).files);
  }
  return found;
}

async function filesOf(
  folder: string,
  name: string,
): Promise<{ readonly present: boolean; readonly files: IssuerFiles }> {
  const names = (await namesIn(folder)) ?? [];
  const keys = KEYS.filter((key) => names.includes(key));
  const [key] = keys;
  if (keys.length > 1) throw new StartError(`${folder} holds ${keys.join(' and ')}: keep one.`);
  return {
    present: names.includes(CERTIFICATE) || keys.length > 0,
    files: {
      name,
      certificate: join(folder, CERTIFICATE),
      key: key && join(folder, key),
      keyExpected: join(folder, ENVELOPE),
    },
  };
}

/** Undefined where there is no such folder. */
async function namesIn(folder: string): Promise<readonly string[] | undefined> {
  try {
    return await readdir(folder);
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') return undefined;
    throw new StartError(`${folder} ${code === 'ENOTDIR' ? 'is not a folder' : 'cannot be read'}.`, { cause: error });
  }
}
