import { readFile } from 'node:fs/promises';
import { CannotTell, Refuted } from './verdict';

/** @throws CannotTell */
export async function readInput(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new CannotTell(`${path} cannot be read: ${fileErrorText(error)}`);
  }
}

/**
 * Every character of a text, a byte order mark included: what is signed is signed to the byte.
 * @throws CannotTell when the file cannot be read, Refuted when it is not UTF-8
 */
export async function readText(path: string): Promise<string> {
  const bytes = await readInput(path);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Refuted('malformed_text', `${path} is not UTF-8 text`);
  }
}

export function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR';
}

export function fileErrorText(error: unknown): string {
  switch (codeOf(error)) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EISDIR':
      return 'it is a folder';
    case 'EACCES':
      return 'permission denied';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
