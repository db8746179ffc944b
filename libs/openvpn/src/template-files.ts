import { isUtf8 } from 'node:buffer';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TemplateError } from './template-error';

/** The group name that stands for everybody for whom no other template is meant. */
export const DEFAULT_GROUP = 'default';

/** A file `NNNN.Group.ovpn`: the client template of one group; of several that apply the lowest number wins. */
export interface ClientTemplateFile {
  readonly file: string;
  readonly priority: number;
  readonly group: string;
  readonly source: string;
}

/** A file `Set.NNNN.ovpn`: one server configuration of a template set, which has one file per OpenVPN process. */
export interface ServerTemplateFile {
  readonly file: string;
  readonly set: string;
  readonly position: string;
  readonly source: string;
}

/** What a template directory holds, unparsed; both lists are in the order in which they count. */
export interface TemplateFiles {
  readonly clients: readonly ClientTemplateFile[];
  readonly servers: readonly ServerTemplateFile[];
  /** `options.yaml`, where there is one. */
  readonly options: { readonly file: string; readonly source: string } | undefined;
}

const CLIENT_NAME = /^(\d{4})\.(.+)\.ovpn$/;
const SERVER_NAME = /^([A-Za-z][A-Za-z0-9_-]{0,62})\.(\d{4})\.ovpn$/;
const OPTIONS_NAME = 'options.yaml';

/**
 * Reads a template directory. Files that are no template and no `options.yaml` are left alone; a `.ovpn` file with another
 * name is refused, since it would be left out in silence.
 *
 * @throws TemplateError for a directory or file that cannot be read or is named wrongly
 */
export async function readTemplateFiles(directory: string): Promise<TemplateFiles> {
  const clients: ClientTemplateFile[] = [];
  const servers: ServerTemplateFile[] = [];
  let options: TemplateFiles['options'];
  for (const name of await namesIn(directory)) {
    const file = join(directory, name);
    const [, priority, group] = CLIENT_NAME.exec(name) ?? [];
    const [, set, position] = SERVER_NAME.exec(name) ?? [];
    if (priority !== undefined && group !== undefined) {
      clients.push({ file, priority: Number(priority), group, source: await readText(file) });
    } else if (set !== undefined && position !== undefined) {
      servers.push({ file, set, position, source: await readText(file) });
    } else if (name === OPTIONS_NAME) {
      options = { file, source: await readText(file) };
    } else if (name.endsWith('.ovpn')) {
      throw new TemplateError(file, undefined, 'the name is neither NNNN.Group.ovpn nor Set.NNNN.ovpn');
    }
  }
  refuseDoubles(clients);
  return { clients, servers, options };
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    const names = await readdir(directory);
    return names.filter((name) => !name.startsWith('.')).sort();
  } catch (error) {
    throw new TemplateError(directory, undefined, `the template directory cannot be read (${codeOf(error)})`);
  }
}

async function readText(file: string): Promise<string> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw new TemplateError(file, undefined, `the file cannot be read (${codeOf(error)})`);
  }
  if (!isUtf8(bytes)) throw new TemplateError(file, undefined, 'the file is not UTF-8');
  return bytes
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .replace(/\r\n/g, '\n');
}

function refuseDoubles(clients: readonly ClientTemplateFile[]): void {
  clients.forEach((client, index) => {
    const other = clients.slice(0, index).find((o) => o.group === client.group || o.priority === client.priority);
    if (other === undefined) return;
    const what = other.group === client.group ? `group "${client.group}"` : `number ${String(client.priority)}`;
    throw new TemplateError(client.file, undefined, `the ${what} has a template already: ${other.file}`);
  });
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown error';
}
