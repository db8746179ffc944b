/** Where the tags of a template's source stand; the tokens of the Jinja parser carry no position. */

/** @returns the line, counted from 1, on which the text position stands */
export function lineAt(source: string, position: number): number {
  let line = 1;
  for (let at = source.indexOf('\n'); at !== -1 && at < position; at = source.indexOf('\n', at + 1)) line += 1;
  return line;
}

/** @returns the positions of every `{{` and `{%` that opens a tag, in order; comments and quoted text are passed over */
export function tagPositions(source: string): number[] {
  const positions: number[] = [];
  const opener = /\{[{%#]/g;
  for (let match = opener.exec(source); match !== null; match = opener.exec(source)) {
    const kind = match[0];
    if (kind !== '{#') positions.push(match.index);
    opener.lastIndex = endOfTag(source, match.index + 2, kind);
  }
  return positions;
}

function endOfTag(source: string, from: number, kind: string): number {
  if (kind === '{#') return after(source, '#}', from);
  const closer = kind === '{{' ? '}}' : '%}';
  let depth = 0;
  for (let at = from; at < source.length; at += 1) {
    const char = source[at];
    if (char === '"' || char === "'") at = endOfString(source, at + 1, char);
    else if (depth === 0 && source.startsWith(closer, at)) return at + 2;
    else if (char === '{') depth += 1;
    else if (char === '}') depth -= 1;
  }
  return source.length;
}

function endOfString(source: string, from: number, quote: string): number {
  for (let at = from; at < source.length; at += 1) {
    if (source[at] === '\\') at += 1;
    else if (source[at] === quote) return at;
  }
  return source.length;
}

function after(source: string, text: string, from: number): number {
  const at = source.indexOf(text, from);
  return at === -1 ? source.length : at + text.length;
}
