import { run } from './run';

/** A line that is written over as long as somebody watches. */
function showProgress(entries: number, total: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${entries} of ${total} entries\r`);
}

void run(process.argv.slice(2), {
  environment: process.env,
  stdout: (text) => process.stdout.write(`${process.stderr.isTTY ? '\r\u001b[K' : ''}${text}`),
  stderr: (text) => process.stderr.write(text),
  onProgress: showProgress,
}).then((status) => {
  process.exitCode = status;
});
