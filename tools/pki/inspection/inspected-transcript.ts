import { sha256 } from '@libs/pki';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf } from '../../cli/refused';
import { type Finding, blocking } from '../existing-ca/finding';
import type { InspectedFile } from './inspected-file';

type Document = Readonly<Record<string, unknown>>;

/** A transcript, and whether what it says was made still stands there, to the byte. */
export async function inspectTranscript(path: string, document: Document): Promise<InspectedFile> {
  const outputs = Array.isArray(document['outputs']) ? (document['outputs'] as readonly Document[]) : [];
  const folder = dirname(dirname(path));
  const findings: Finding[] = [];
  for (const output of outputs) findings.push(...(await differences(folder, output)));
  const facts = ['command', 'rehearsal', 'began_at', 'ended_at'].map((label) => ({
    label,
    value: String(document[label]),
  }));
  const agreement = findings.length === 0 ? 'every one unchanged' : `${findings.length} changed or gone`;
  return {
    path,
    what: 'transcript',
    facts: [...facts, { label: 'files made', value: `${outputs.length}, ${agreement}` }],
    findings,
  };
}

async function differences(folder: string, output: Document): Promise<Finding[]> {
  const name = String(output['path']);
  try {
    const found = sha256(await readFile(join(folder, name))).toString('hex');
    return found === output['sha256'] ? [] : [blocking('changed', `${name} is not what was made.`)];
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [blocking('gone', `${name} is not there any more.`)];
    throw error;
  }
}
