import { parseConfiguration } from './directives';
import type { Directive, ParsedConfiguration } from './directives';
import { isPlainText } from './template-value';

/** A fault in rendered text: the line of that text, and what is wrong with it. */
export interface ConfigurationFault {
  readonly line: number;
  readonly reason: string;
}

/** The longest line that OpenVPN 2 reads; a longer one, comments included, stops it. */
const LONGEST_LINE_BYTES = 254;

/** Blocks that a profile's material goes into; they are written after the directives and may not stand in a template. */
const MATERIAL_BLOCKS = ['ca', 'cert', 'extra-certs', 'key', 'tls-crypt', 'tls-crypt-v2', 'tls-auth', 'pkcs12'];

/** Refused by every OpenVPN of today, client or server. */
const FATAL_EVERYWHERE = ['ncp-disable', 'keysize', 'tls-remote', 'no-iv', 'key-method', 'client-cert-not-required'];

/** Removed or insecure: OpenVPN 2.6 warns or fails. */
const OUTDATED = ['comp-lzo', 'compress', 'ns-cert-type', 'max-routes'];

/** OpenVPN Connect refuses a profile that contains one of these. */
const FATAL_IN_CONNECT = ['auth-token', 'topology', 'dh', 'capath', 'log', 'log-append', 'no-replay', 'verify-hash'];

const SERVER_ONLY = [
  'server',
  'server-ipv6',
  'server-bridge',
  'mode',
  'tls-server',
  'push',
  'push-reset',
  'ifconfig-pool',
  'ifconfig-pool-persist',
  'client-config-dir',
  'client-connect',
  'client-disconnect',
  'client-to-client',
  'ccd-exclusive',
  'duplicate-cn',
  'max-clients',
  'learn-address',
  'crl-verify',
  'tls-verify',
  'tls-crypt-v2-verify',
  'verify-client-cert',
  'username-as-common-name',
  'port-share',
];

const REFUSED_IN_CLIENT = new Set([...FATAL_EVERYWHERE, ...OUTDATED, ...FATAL_IN_CONNECT, ...SERVER_ONLY]);
const REFUSED_IN_SERVER = new Set([...FATAL_EVERYWHERE, ...OUTDATED]);

/** Directives of a server file that name one of the bundle's files. */
const FILE_DIRECTIVES = new Set(['ca', 'cert', 'key', 'extra-certs', 'crl-verify', 'tls-crypt', 'tls-crypt-v2']);

/** @returns the first fault of a client template's output, which has the directives and no material */
export function findClientFault(text: string): ConfigurationFault | undefined {
  const parsed = parseConfiguration(text);
  const block = parsed.blocks.find(({ name }) => MATERIAL_BLOCKS.includes(name));
  if (block !== undefined) {
    return { line: block.line, reason: `<${block.name}> is added to every profile and may not stand in a template` };
  }
  return (
    findTextFault(text) ??
    findStructureFault(parsed) ??
    parsed.directives.map((directive) => refusedIn(directive, REFUSED_IN_CLIENT, 'client profile')).find(isFault) ??
    parsed.directives.map(namesMaterialFile).find(isFault) ??
    findMissing(parsed, 'client', ['client', 'dev', 'remote', 'remote-cert-tls'])
  );
}

/** @returns the first fault of a server template's output */
export function findServerFault(text: string, bundleFiles: readonly string[]): ConfigurationFault | undefined {
  const parsed = parseConfiguration(text);
  return (
    findTextFault(text) ??
    findStructureFault(parsed) ??
    parsed.directives.map((directive) => refusedIn(directive, REFUSED_IN_SERVER, 'server file')).find(isFault) ??
    parsed.directives.map((directive) => strangeFile(directive, bundleFiles)).find(isFault) ??
    findMissing(parsed, 'server', ['ca', 'cert', 'key', 'crl-verify'])
  );
}

/** @returns the first line that is too long or contains a control character */
export function findTextFault(text: string): ConfigurationFault | undefined {
  for (const [index, line] of text.split('\n').entries()) {
    if (Buffer.byteLength(line) > LONGEST_LINE_BYTES) {
      return { line: index + 1, reason: `a line may have at most ${String(LONGEST_LINE_BYTES)} bytes` };
    }
    if (!isPlainText(line.replaceAll('\t', ''))) return { line: index + 1, reason: 'the line has a control character' };
  }
  return undefined;
}

function findStructureFault(parsed: ParsedConfiguration): ConfigurationFault | undefined {
  if (parsed.unclosed === undefined) return undefined;
  return { line: parsed.unclosed.line, reason: `<${parsed.unclosed.name}> is not closed` };
}

function refusedIn(directive: Directive, names: ReadonlySet<string>, what: string): ConfigurationFault | undefined {
  if (!names.has(directive.name)) return undefined;
  return {
    line: directive.line,
    reason: `"${directive.name}" may not stand in a ${what}: OpenVPN refuses it or warns`,
  };
}

function namesMaterialFile(directive: Directive): ConfigurationFault | undefined {
  if (!MATERIAL_BLOCKS.includes(directive.name)) return undefined;
  return { line: directive.line, reason: `"${directive.name}" is written into every profile and may not stand here` };
}

function strangeFile(directive: Directive, bundleFiles: readonly string[]): ConfigurationFault | undefined {
  const [file] = directive.args;
  if (!FILE_DIRECTIVES.has(directive.name) || file === undefined || file.startsWith('/')) return undefined;
  if (bundleFiles.includes(file)) return undefined;
  return { line: directive.line, reason: `the bundle has no file "${file}"; it has ${bundleFiles.join(', ')}` };
}

function findMissing(
  parsed: ParsedConfiguration,
  what: string,
  names: readonly string[],
): ConfigurationFault | undefined {
  const missing = names.find((name) => !parsed.directives.some((directive) => directive.name === name));
  return missing === undefined ? undefined : { line: 1, reason: `a ${what} file needs "${missing}"` };
}

function isFault(fault: ConfigurationFault | undefined): fault is ConfigurationFault {
  return fault !== undefined;
}
