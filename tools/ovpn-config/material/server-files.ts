import { text } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { createGunzip, gzipSync } from 'node:zlib';
import { buffer } from 'node:stream/consumers';
import { extract, pack } from 'tar-stream';
import { errorText } from '../../cli/refused';
import { certificateOfProfile } from '../../ct-verify/profile-file';
import { ExitStatus, Failed } from '../failed';
import { type DeviceKey, assertCertifies } from './device-key';

export interface ServerFile {
  readonly name: string;
  readonly mode: number;
  readonly text: string;
}

export const SERVER_CERTIFICATE = 'server.crt';
export const SERVER_KEY = 'server.key';

/** As the frontend names them; nothing that leads out of the folder, or is hidden in it. */
const FILE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const MOST_FILES = 200;
const LARGEST_BUNDLE = 256 * 1024 * 1024;
/** Nobody but the owner writes, and nothing is a program. */
const PERMISSIONS = 0o644;

/** The files of a bundle that came without a key, with the key that was made here. @throws Failed, Refuted */
export async function withServerKey(archive: Buffer, key: DeviceKey): Promise<ServerFile[]> {
  const files = await unpack(archive);
  const certificate = files.find(({ name }) => name === SERVER_CERTIFICATE);
  if (certificate === undefined) throw broken(`it has no ${SERVER_CERTIFICATE}`);
  if (files.some(({ name }) => name === SERVER_KEY)) throw broken('it came with a key, though one had been made here');
  assertCertifies(certificateOfProfile(certificate.text), key);
  return [...files, { name: SERVER_KEY, mode: 0o600, text: key.privateKeyPem }];
}

/** The same as one archive. */
export async function packed(files: readonly ServerFile[]): Promise<Buffer> {
  const tar = pack();
  for (const { name, mode, text: content } of files) tar.entry({ name, mode, uid: 0, gid: 0 }, content);
  tar.finalize();
  return gzipSync(await buffer(tar));
}

async function unpack(archive: Buffer): Promise<ServerFile[]> {
  const files = new Map<string, ServerFile>();
  const entries = extract();
  const gunzip = createGunzip();
  let size = 0;
  gunzip.on('error', (error) => entries.destroy(error));
  Readable.from([archive]).pipe(gunzip).pipe(entries);
  try {
    for await (const entry of entries) {
      const { name, type, mode, size: length } = entry.header;
      size += length;
      if (type !== 'file' || !FILE_NAME.test(name)) throw broken('it has something else than plain files');
      if (files.has(name) || files.size >= MOST_FILES || size > LARGEST_BUNDLE) throw broken('it has too much in it');
      files.set(name, { name, mode: mode & PERMISSIONS, text: await text(entry) });
    }
  } catch (error) {
    if (error instanceof Failed) throw error;
    throw broken(errorText(error));
  }
  return [...files.values()];
}

function broken(reason: string): Failed {
  return new Failed(ExitStatus.notProven, `The bundle is not usable: ${reason}.`);
}
