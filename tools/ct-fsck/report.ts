import type { FsckResult } from './fsck';
import type { Finding } from './findings';

export function printJson(result: FsckResult): string {
  const { found, size, root, seconds, counts, contextsChecked } = result;
  const report = {
    status: found.total === 0 ? 'clean' : 'findings',
    size,
    root,
    counts,
    private_contexts_checked: contextsChecked,
    seconds: Math.round(seconds * 1000) / 1000,
    entries_per_second: Math.round(size / seconds),
    peak_memory_mb: Math.round(process.resourceUsage().maxRSS / 1024),
    findings: found.listed,
    not_listed: found.remainders,
  };
  return `${JSON.stringify(report)}\n`;
}

export function printText(result: FsckResult): string {
  const { found } = result;
  const lines = [
    ...found.listed.map(findingLine),
    ...found.remainders.map(({ table, code, count }) => `${table}: ${count} more of the kind ${code}`),
    ...summary(result),
  ];
  return `${lines.map(printable).join('\n')}\n`;
}

function findingLine({ table, index, detail, code }: Finding): string {
  return `${table} ${index}: ${detail} (${code})`;
}

function summary({ found, size, root, seconds, counts, contextsChecked }: FsckResult): string[] {
  const { total } = found;
  const counted = Object.entries(counts).map(([name, count]) => `${name.replaceAll('_', ' ')} ${count}`);
  return [
    total === 0 ? `Clean: ${size} entries, root ${root}` : `${total} findings in ${size} entries, root ${root}`,
    `  ${counted.join(', ')}`,
    ...(contextsChecked ? [] : ['  private contexts were NOT checked: this role may not read them']),
    `  ${seconds.toFixed(1)} s, ${Math.round(size / seconds)} entries/s`,
  ];
}

/** Texts can come out of a database that somebody has changed: nothing of them moves the cursor. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
}
