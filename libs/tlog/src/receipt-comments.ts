import { TlogError } from './tlog-error';

const BEGIN = '# --- begin certificate log receipt ---';
const END = '# --- end certificate log receipt ---';
const LINE = '# ';
/** One space more than a new line: the text goes on where the comment above it stopped. */
const CONTINUATION = '#  ';

/** Longest comment line in bytes; OpenVPN refuses a profile with a line of more than 254. */
export const COMMENT_WIDTH = 76;

/**
 * Wraps a receipt into comment lines for a profile, between a begin and an end line. Lines are joined by and end with a
 * newline. Lossless: `fromComments` gives back the very text.
 */
export function toComments(receipt: string): string {
  const comments = receipt.split('\n').flatMap(wrapLine);
  return [BEGIN, ...comments, END].map((line) => `${line}\n`).join('');
}

/** Finds the one receipt among the lines of a profile. Carriage returns that a mail program or editor put in do no harm. */
export function fromComments(profile: string): string {
  const lines = profile.split(/\r?\n/);
  const begin = lines.indexOf(BEGIN);
  const end = lines.indexOf(END, begin);
  if (begin < 0 || end < 0) throw new TlogError('malformed_receipt', 'the profile holds no receipt');
  if (lines.includes(BEGIN, begin + 1)) throw new TlogError('malformed_receipt', 'the profile holds two receipts');
  const receipt: string[] = [];
  for (const line of lines.slice(begin + 1, end)) unwrapLine(line, receipt);
  return receipt.join('\n');
}

function wrapLine(line: string): string[] {
  const [first, ...others] = chunks(line, COMMENT_WIDTH - CONTINUATION.length);
  const rest = others.map((chunk) => CONTINUATION + chunk);
  // A text that begins with a space would read as a continuation, so it becomes the continuation of nothing.
  if (first?.startsWith(' ')) return ['#', CONTINUATION + first, ...rest];
  return [first === undefined ? '#' : LINE + first, ...rest];
}

/** Cuts a text into pieces of at most `width` bytes of UTF-8, never inside a character nor, where it can, after a space. */
function chunks(text: string, width: number): string[] {
  const pieces: string[] = [];
  let piece = '';
  let bytes = 0;
  for (const char of text) {
    const more = char < '\x80' ? 1 : Buffer.byteLength(char);
    while (piece !== '' && bytes + more > width) {
      // Editors strip spaces at the end of a line.
      const kept = piece.replace(/ +$/, '') || piece;
      pieces.push(kept);
      piece = piece.slice(kept.length);
      // What is left are spaces, if anything.
      bytes = piece.length;
    }
    piece += char;
    bytes += more;
  }
  return piece === '' ? pieces : [...pieces, piece];
}

function unwrapLine(comment: string, receipt: string[]): void {
  if (comment.startsWith(CONTINUATION)) {
    const above = receipt.pop();
    if (above === undefined) throw new TlogError('malformed_receipt', 'the receipt begins with a continuation');
    receipt.push(above + comment.slice(CONTINUATION.length));
    return;
  }
  if (comment === '#' || comment === LINE) {
    receipt.push('');
    return;
  }
  if (!comment.startsWith(LINE)) throw new TlogError('malformed_receipt', 'a line of the receipt is not a comment');
  receipt.push(comment.slice(LINE.length));
}
