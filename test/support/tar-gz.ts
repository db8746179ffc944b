import { createGunzip } from 'node:zlib';
import { text } from 'node:stream/consumers';
import { extract } from 'tar-stream';

export interface TarFile {
  readonly mode: number;
  readonly text: string;
}

/** The files of a small tar.gz by name. */
export async function readTarGz(archive: Uint8Array): Promise<ReadonlyMap<string, TarFile>> {
  const files = new Map<string, TarFile>();
  const unpack = extract();
  const gunzip = createGunzip();
  gunzip.pipe(unpack);
  gunzip.end(archive);
  for await (const entry of unpack) files.set(entry.header.name, { mode: entry.header.mode, text: await text(entry) });
  return files;
}
