import { sha256 } from '@libs/pki';
import { type Fact, factLines } from './facts';

export interface FileRecord {
  /** Absolute for what was read; for what was made, inside the ceremony's output folder. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** What was done, for those who were there to sign and for those who check later. No passphrase and no hash of one is in it. */
export interface Transcript {
  readonly format: 'openvpn-manager-ceremony-v1';
  readonly command: string;
  readonly rehearsal: boolean;
  readonly began_at: string;
  readonly ended_at: string;
  readonly tool: { readonly name: string; readonly version: string; readonly node: string; readonly openssl: string };
  readonly machine: { readonly host: string; readonly user: string };
  readonly output_folder: string;
  readonly ceremony_file: FileRecord;
  readonly inputs: readonly FileRecord[];
  readonly outputs: readonly FileRecord[];
  readonly facts: readonly Fact[];
  /** Sentences about what is noteworthy, and how it was judged. */
  readonly notes: readonly string[];
}

export function fileRecord(path: string, content: Uint8Array): FileRecord {
  return { path, bytes: content.length, sha256: sha256(content).toString('hex') };
}

export function transcriptJson(transcript: Transcript): string {
  return `${JSON.stringify(transcript, undefined, 2)}\n`;
}

/** The same for people, to be printed and signed; it names the hash of the JSON, so that a signature covers both. */
export function transcriptText(transcript: Transcript, json: string): string {
  const { tool, machine, notes } = transcript;
  const title = `${transcript.rehearsal ? 'REHEARSAL of a key' : 'Key'} ceremony: ${transcript.command}`;
  return [
    title,
    '='.repeat(title.length),
    '',
    `Began         ${transcript.began_at}`,
    `Ended         ${transcript.ended_at}`,
    `Tool          ${tool.name} ${tool.version}, Node.js ${tool.node}, OpenSSL ${tool.openssl}`,
    `Machine       ${machine.host}, as ${machine.user}`,
    `Output        ${transcript.output_folder}`,
    '',
    ...recordLines('Ceremony file', [transcript.ceremony_file]),
    ...recordLines('Read', transcript.inputs),
    ...recordLines('Made', transcript.outputs),
    ...(transcript.facts.length > 0 ? ['What was made', '', ...factLines(transcript.facts), ''] : []),
    ...(notes.length > 0 ? ['Notes', '', ...notes.map((note) => `- ${note}`), ''] : []),
    `SHA-256 of this transcript as JSON: ${sha256(Buffer.from(json)).toString('hex')}`,
    '',
    ...['Performed by', 'Witness', 'Witness'].flatMap((role) => [`${role.padEnd(14)}${'_'.repeat(50)}`, '']),
  ].join('\n');
}

function recordLines(title: string, records: readonly FileRecord[]): string[] {
  if (records.length === 0) return [];
  return [
    title,
    '',
    ...records.flatMap(({ path, bytes, sha256: hash }) => [`  ${path} (${bytes} bytes)`, `    ${hash}`]),
    '',
  ];
}
