import { SystemClock } from '@libs/http';
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Refused } from '../../cli/refused';
import { factLines } from '../facts';
import { type InspectedFile, inspectFile } from '../inspection/inspected-file';
import { judgeAuthorities } from '../inspection/judged-authorities';

interface Output {
  readonly json: boolean;
  readonly stdout: (text: string) => void;
}

/** Shows what files hold. Answers 1 when a transcript does not agree with its files, or a CA cannot be one of ours; else 0. */
export async function inspect(paths: readonly string[], { json, stdout }: Output): Promise<0 | 1> {
  const files: InspectedFile[] = [];
  for (const path of paths) files.push(...(await inspectPath(path)));
  const judged = judgeAuthorities(files, new SystemClock().now());
  if (json) stdout(`${JSON.stringify(judged, undefined, 2)}\n`);
  else for (const file of judged) stdout(`${textOf(file)}\n`);
  return judged.some(({ findings }) => findings.some(({ blocks }) => blocks)) ? 1 : 0;
}

async function inspectPath(path: string): Promise<InspectedFile[]> {
  const isFolder = (await statOf(path)).isDirectory();
  if (!isFolder) {
    const files = await inspectFile(path, await readFile(path));
    if (files.length === 0) throw new Refused(`${path} holds nothing that is known here.`);
    return files;
  }
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const found: InspectedFile[] = [];
  for (const name of names.sort()) found.push(...(await inspectFile(name, await readFile(name))));
  return found;
}

async function statOf(path: string) {
  return stat(path).catch((error: unknown) => {
    throw new Refused(`${path} cannot be read.`, { cause: error });
  });
}

function textOf({ path, what, facts, findings }: InspectedFile): string {
  const judgements = findings.map(({ blocks, id, text }) => `  ${blocks ? 'NOT FIT' : 'remark'}  ${id}: ${text}`);
  return [`${path}: ${what}`, ...factLines(facts), ...judgements, ''].join('\n');
}
