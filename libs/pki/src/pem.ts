/** Text is not the PEM (RFC 7468) that was expected. */
export class MalformedPem extends Error {
  override readonly name = 'MalformedPem';
}

export interface PemBlock {
  readonly label: string;
  readonly der: Buffer;
}

/** Strict textual encoding of RFC 7468: 64 columns, ending in a line break. */
export function toPem(label: string, der: Uint8Array): string {
  const base64 = Buffer.from(der.buffer, der.byteOffset, der.byteLength).toString('base64');
  const lines: string[] = [];
  for (let start = 0; start < base64.length; start += 64) lines.push(base64.slice(start, start + 64));
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

const blockPattern = /-----BEGIN ([A-Z0-9 ]{1,40})-----[ \t]*\r?\n([A-Za-z0-9+/=\s]*?)-----END ([A-Z0-9 ]{1,40})-----/g;
const foreignToBase64 = /[^A-Za-z0-9+/]/;

/** Looks for what does not belong: a repetition that has to match would remember each of millions of characters. */
function isBase64(text: string): boolean {
  const padding = text.endsWith('==') ? 2 : Number(text.endsWith('='));
  const digits = text.slice(0, text.length - padding);
  return text.length % 4 === 0 && digits.length > 0 && !foreignToBase64.test(digits);
}

/** All blocks of a text, in order. Text between blocks is a comment, as everywhere; a broken block is an error. */
export function parsePem(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  for (const [, label, body, endLabel] of text.matchAll(blockPattern)) {
    const base64 = (body ?? '').replace(/\s+/g, '');
    if (label === undefined || label !== endLabel) throw new MalformedPem('a PEM block ends under another label');
    if (!isBase64(base64)) throw new MalformedPem(`the PEM block ${label} is not base64`);
    blocks.push({ label, der: Buffer.from(base64, 'base64') });
  }
  const begun = text.split('-----BEGIN ').length - 1;
  if (begun !== blocks.length) throw new MalformedPem('a PEM block is truncated or malformed');
  return blocks;
}

/** The DER of the only block of the text, which must carry one of `labels`. */
export function onlyPemBlock(text: string, ...labels: readonly string[]): Buffer {
  const blocks = parsePem(text);
  const [block] = blocks;
  if (block === undefined || blocks.length > 1) {
    throw new MalformedPem(`expected exactly one PEM block, found ${String(blocks.length)}`);
  }
  if (!labels.includes(block.label)) throw new MalformedPem(`expected a PEM block ${labels.join(' or ')}`);
  return block.der;
}
