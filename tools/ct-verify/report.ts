import type { Fact, Verification } from './verdict';

/** What came out, in the words of the exit status. */
export type Report =
  | { readonly verdict: 'verified'; readonly verification: Verification }
  | { readonly verdict: 'refuted'; readonly code: string; readonly message: string }
  | { readonly verdict: 'unknown'; readonly message: string };

/** A line of JSON: the verdict, and then the facts by their names or the fault. */
export function printJson(report: Report): string {
  if (report.verdict !== 'verified') return `${JSON.stringify(report)}\n`;
  const facts = report.verification.facts.map(({ name, value }) => [name, value] as const);
  return `${JSON.stringify({ verdict: report.verdict, ...Object.fromEntries(facts) })}\n`;
}

export function printText(report: Report): string {
  switch (report.verdict) {
    case 'verified':
      return `Verified: ${report.verification.summary}.\n\n${printFacts(report.verification.facts)}`;
    case 'refuted':
      return `Not verified: ${printable(report.message)}.\n${explanation(report.code)}`;
    case 'unknown':
      return `Cannot tell: ${printable(report.message)}.\n`;
  }
}

function printFacts(facts: readonly Fact[]): string {
  const shown = facts.filter(({ value }) => typeof value !== 'object' || value.length > 0);
  const width = Math.max(...shown.map(({ label }) => label.length)) + 2;
  return shown.map(({ label, value }) => `  ${label.padEnd(width)}${printable(valueText(value))}\n`).join('');
}

function valueText(value: Fact['value']): string {
  return typeof value === 'object' ? value.join(', ') : String(value);
}

/** What a fault may mean, where its name alone would leave people guessing. */
const EXPLANATIONS: ReadonlyMap<string, string> = new Map([
  [
    'note_unverified',
    'It is signed, but by none of the keys that you gave: the key is of another log, or the text is forged.',
  ],
  ['note_signature_invalid', 'The text was changed after the log signed it, or the signature is forged.'],
  [
    'inclusion_invalid',
    'What was given is not the entry that the log signed for: one or the other was changed or mixed up.',
  ],
  ['consistency_invalid', 'The log has shown different histories, or the proof belongs to other checkpoints.'],
  ['log_shrunk', 'A log never shrinks: entries are missing, or the older and the newer were mixed up.'],
  ['export_incomplete', 'Entries are being withheld, or the copy was interrupted.'],
]);

function explanation(code: string): string {
  const text = EXPLANATIONS.get(code);
  return text === undefined ? '' : `${text}\n`;
}

/** Names come from whoever made the file: what would move the cursor or reorder the line is shown as its code point. */
function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
