/** Reading OpenVPN configuration text, as far as checking our own output needs it. */

/** A directive with its arguments as written, or the start of an inline block such as `<ca>`. */
export interface Directive {
  readonly line: number;
  readonly name: string;
  readonly args: readonly string[];
}

/** What a configuration text says. */
export interface ParsedConfiguration {
  readonly directives: readonly Directive[];
  /** Inline blocks by name, with the line that opened them and their lines. */
  readonly blocks: readonly { readonly name: string; readonly line: number; readonly content: readonly string[] }[];
  /** The name and line of a block that is opened and never closed. */
  readonly unclosed: { readonly name: string; readonly line: number } | undefined;
}

/** Splits a configuration into directives and inline blocks. Comments and blank lines are passed over. */
export function parseConfiguration(text: string): ParsedConfiguration {
  const directives: Directive[] = [];
  const blocks: { name: string; line: number; content: string[] }[] = [];
  let open: { name: string; line: number; content: string[] } | undefined;
  for (const [index, raw] of text.split('\n').entries()) {
    const line = index + 1;
    const trimmed = raw.trim();
    if (open !== undefined) {
      if (trimmed === `</${open.name}>`) {
        blocks.push(open);
        open = undefined;
      } else open.content.push(raw);
      continue;
    }
    const block = /^<([a-z0-9-]+)>$/.exec(trimmed)?.[1];
    if (block !== undefined) open = { name: block, line, content: [] };
    else if (trimmed !== '' && !/^[#;]/.test(trimmed)) directives.push(directiveOf(trimmed, line));
  }
  return { directives, blocks, unclosed: open };
}

function directiveOf(text: string, line: number): Directive {
  const words = text.match(/"(?:[^"\\]|\\.)*"|'[^']*'|[^\s"']+/g) ?? [];
  const [name = text, ...rest] = words;
  const comment = rest.findIndex((word) => /^[#;]/.test(word));
  return { line, name: name.replace(/^--/, ''), args: comment === -1 ? rest : rest.slice(0, comment) };
}
