import 'reflect-metadata';
import { HiddenInput } from '../cli/hidden-input';
import { run } from './run';

// Whatever is made here is for its owner alone.
process.umask(0o077);

void run(process.argv.slice(2), {
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
  terminal: HiddenInput.ofProcess(),
}).then((status) => {
  process.exitCode = status;
});
