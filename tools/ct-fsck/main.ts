import { auditEntriesAside } from './entry-audit.thread';
import { run } from './run';

const started = performance.now();

/** A line that is written over as long as somebody watches. */
function showProgress(entries: number, total: number): void {
  if (!process.stderr.isTTY) return;
  const rate = Math.round(entries / ((performance.now() - started) / 1000));
  process.stderr.write(`\r\u001b[K${entries} of ${total} entries, ${rate}/s\r`);
}

void run(process.argv.slice(2), {
  environment: process.env,
  stdout: (text) => process.stdout.write(`${process.stderr.isTTY ? '\r\u001b[K' : ''}${text}`),
  stderr: (text) => process.stderr.write(text),
  entryAuditor: auditEntriesAside,
  onProgress: showProgress,
}).then((status) => {
  process.exitCode = status;
});
