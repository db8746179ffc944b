import 'reflect-metadata';
import { run } from './run';

// What the agent writes for OpenVPN must be readable by an unprivileged user; what it keeps for itself states its mode.
process.umask(0o022);
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    stop.abort();
  });
}

void run(process.argv.slice(2), {
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
  signal: stop.signal,
}).then((status) => {
  process.exitCode = status;
});
