import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Node, Pair, YAMLMap } from 'yaml';
import { TemplateError } from './template-error';
import { assertPlainValues } from './template-value';
import type { TemplateContext, TemplateValue } from './template-value';

/** A choice that a person may add to the profile; choosing it sets some of the templates' variables. */
export interface TemplateOption {
  /** Stands in links and requests: lower-case letters, digits and `-`. */
  readonly id: string;
  readonly label: string;
  readonly description: string;
  /** Variables that the option sets, over the defaults. Of two chosen options the later in the file wins. */
  readonly values: TemplateContext;
}

/** The content of `options.yaml`. */
export interface OptionSets {
  /** Every variable that an option may set, with the value that holds where none does. */
  readonly defaults: TemplateContext;
  readonly options: readonly TemplateOption[];
}

export const NO_OPTIONS: OptionSets = { defaults: {}, options: [] };

const OPTION_ID = /^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/;
const VARIABLE_NAME = /^[a-z_][a-z0-9_]*$/;

/**
 * Reads `options.yaml`:
 *
 *     defaults:
 *       full_tunnel: false
 *     options:
 *       - id: full-tunnel
 *         label: Send all traffic through the VPN
 *         description: …
 *         values:
 *           full_tunnel: true
 *
 * An option may only set variables that `defaults` names, to a value of the same type, so that no choice leaves a variable
 * undefined.
 *
 * @throws TemplateError with the line, for anything else
 */
export function parseOptions(file: string, source: string): OptionSets {
  return new OptionsReader(file, source).read();
}

class OptionsReader {
  private readonly lines = new LineCounter();
  private readonly root: Node | null;

  constructor(
    private readonly file: string,
    source: string,
  ) {
    const document = parseDocument(source, { lineCounter: this.lines, uniqueKeys: true, schema: 'core' });
    const problem = document.errors[0] ?? document.warnings[0];
    if (problem !== undefined) throw new TemplateError(file, problem.linePos?.[0].line, firstLine(problem.message));
    this.root = document.contents;
  }

  read(): OptionSets {
    if (this.root === null) return NO_OPTIONS;
    const root = this.mapOf(this.root, 'the file', ['defaults', 'options']);
    const defaults = root.has('defaults') ? this.variables(root.get('defaults', true)) : {};
    const list = root.get('options', true);
    if (list === undefined) return { defaults, options: [] };
    if (!isSeq(list)) throw this.error(list, '"options" must be a list');
    const options = list.items.map((item) => this.option(item, defaults));
    options.forEach((option, index) => {
      if (options.findIndex((other) => other.id === option.id) < index) {
        throw this.error(list.items[index], `the id "${option.id}" is used twice`);
      }
    });
    return { defaults, options };
  }

  private option(item: unknown, defaults: TemplateContext): TemplateOption {
    const map = this.mapOf(item, 'an option', ['id', 'label', 'description', 'values']);
    const id = this.text(map, 'id', 32);
    if (!OPTION_ID.test(id)) throw this.error(map.get('id', true), '"id" may have lower-case letters, digits and "-"');
    const values = this.variables(map.get('values', true));
    for (const [name, value] of Object.entries(values)) {
      const known = defaults[name];
      if (known === undefined) throw this.error(map, `"${name}" has no value under "defaults"`);
      if (kindOf(known) !== kindOf(value)) {
        throw this.error(map, `"${name}" must be a ${kindOf(known)}, as under "defaults"`);
      }
    }
    return { id, label: this.text(map, 'label', 100), description: this.text(map, 'description', 500), values };
  }

  private variables(node: unknown): TemplateContext {
    if (!isMap(node)) throw this.error(node, 'variables must be a map of name: value');
    const values = node.toJSON() as Record<string, TemplateValue>;
    for (const pair of node.items) {
      const name = keyOf(pair);
      if (!VARIABLE_NAME.test(name)) throw this.error(pair.key, `"${name}" is no variable name`);
      try {
        assertPlainValues(values[name] ?? null, name);
      } catch (error) {
        throw this.error(pair.value, error instanceof Error ? error.message : 'unsafe value');
      }
    }
    return values;
  }

  private text(map: YAMLMap, key: string, longest: number): string {
    const node = map.get(key, true);
    const value = isScalar(node) ? node.value : undefined;
    if (typeof value !== 'string' || value.trim() === '') throw this.error(node ?? map, `"${key}" must be a text`);
    if (value.length > longest) throw this.error(node, `"${key}" may have at most ${String(longest)} characters`);
    return value.trim();
  }

  private mapOf(node: unknown, what: string, keys: readonly string[]): YAMLMap {
    if (!isMap(node)) throw this.error(node, `${what} must be a map with the keys ${keys.join(', ')}`);
    const stranger = node.items.find((pair) => !keys.includes(keyOf(pair)));
    if (stranger !== undefined) throw this.error(stranger.key, `unknown key "${keyOf(stranger)}"`);
    return node;
  }

  private error(node: unknown, reason: string): TemplateError {
    const start = (node as Node | undefined)?.range?.[0];
    return new TemplateError(this.file, start === undefined ? undefined : this.lines.linePos(start).line, reason);
  }
}

function keyOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
}

function kindOf(value: TemplateValue): string {
  if (Array.isArray(value)) return 'list';
  if (value === null) return 'null';
  return typeof value;
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? message;
}
