import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { codeOf } from '../cli/refused';
import { yamlMembers } from '../cli/yaml-members';
import { YamlSection } from '../cli/yaml-section';
import { ExitStatus, Failed } from './failed';
import type { Surroundings } from './surroundings';

export const SETTING_NAMES = [
  'url',
  'ca_file',
  'log_keys',
  'log_key_file',
  'login',
  'key',
  'device_name',
  'options',
  'psk_file',
  'timeout_seconds',
] as const;
export type SettingName = (typeof SETTING_NAMES)[number];

/** Settings as some source gives them: every value a list of texts, which for most has one. */
export type RawSettings = Readonly<Partial<Record<SettingName, readonly string[]>>>;

/** Names of files: a relative one in a settings file counts from that file's folder. */
const FILES: readonly SettingName[] = ['ca_file', 'log_key_file', 'psk_file'];

/** How variables with several values separate them. */
const SEPARATORS: Partial<Record<SettingName, RegExp>> = { log_keys: /\s+/, options: /\s*,\s*/ };

/**
 * Flags, then variables (`OVPN_CONFIG_URL`), then the user's file, then the machine's: the first that says something about a
 * setting decides it.
 * @param file named by a flag, in the place of the user's file; it must then be there
 * @throws Failed
 */
export async function gatherSettings(
  flags: RawSettings,
  file: string | undefined,
  surroundings: Surroundings,
): Promise<RawSettings> {
  const { environment, systemFile } = surroundings;
  const named = file ?? environment['OVPN_CONFIG_FILE'];
  return {
    ...(await ofFile(systemFile, false)),
    ...(await ofFile(named ?? userFile(environment), named !== undefined)),
    ...ofEnvironment(environment),
    ...flags,
  };
}

function userFile(environment: Surroundings['environment']): string {
  const base = environment['XDG_CONFIG_HOME'] ?? join(environment['HOME'] ?? '/', '.config');
  return join(base, 'ovpn-config', 'config.yaml');
}

function ofEnvironment(environment: Surroundings['environment']): RawSettings {
  const found: [SettingName, readonly string[]][] = [];
  for (const name of SETTING_NAMES) {
    const text = environment[`OVPN_CONFIG_${name.toUpperCase()}`];
    if (text === undefined || text === '') continue;
    const separator = SEPARATORS[name];
    found.push([name, separator === undefined ? [text] : text.split(separator).filter((item) => item !== '')]);
  }
  return Object.fromEntries(found);
}

async function ofFile(path: string, mustExist: boolean): Promise<RawSettings> {
  const content = await readFile(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT' && !mustExist) return undefined;
    throw new Failed(ExitStatus.usage, `The settings in ${path} cannot be read.`, { cause: error });
  });
  if (content === undefined) return {};
  const problems: string[] = [];
  const section = new YamlSection(problems, '', yamlMembers(content, problems));
  const found: [SettingName, readonly string[]][] = [];
  for (const name of SETTING_NAMES) {
    if (!section.has(name)) continue;
    const values = name in SEPARATORS ? section.texts(name) : [section.text(name)];
    found.push([name, FILES.includes(name) ? values.map((value) => resolve(dirname(path), value)) : values]);
  }
  section.end();
  if (problems.length === 0) return Object.fromEntries(found);
  const list = problems.map((problem) => `  - ${problem}`).join('\n');
  throw new Failed(ExitStatus.usage, `${path} is not usable:\n${list}`);
}
