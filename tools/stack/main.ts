import 'reflect-metadata';
import { StartError } from '@libs/http';
import { interruption } from './interruption';
import { rebuildOnChange } from './rebuild';
import type { Service } from './services';
import { Stack } from './stack';
import { welcome } from './welcome';

/** `npm start`: the whole product in one terminal, until Ctrl-C. */
async function main(): Promise<number> {
  const watch = process.argv.includes('--watch');
  // A terminal that was closed takes no more text, which must not keep us from stopping in order.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const interrupted = interruption();
  let onServiceExit: (service: Service) => void = () => undefined;
  const serviceExit = new Promise<Service>((resolve) => {
    onServiceExit = resolve;
  });
  process.stdout.write('\nOpenVPN Manager is starting\n\n');
  const stack = await Stack.start(process.env, { watch, onServiceExit, signal: interrupted.signal });
  const stopCompiling = watch ? rebuildOnChange() : () => undefined;
  process.stdout.write(welcome(stack));
  const exited = await Promise.race([interrupted.promise, serviceExit]);
  if (exited) process.stderr.write(`\n${exited.options.name} stopped by itself:\n${exited.lastWords()}\n`);
  stopCompiling();
  await stopAll(stack);
  return exited ? 1 : 0;
}

async function stopAll(stack: Stack): Promise<void> {
  process.stdout.write('\nStopping …\n');
  await stack.stop();
  process.stdout.write(`Stopped. Your data stays in ${stack.data.directory}.\n`);
}

main().then(
  (status) => process.exit(status),
  (error: unknown) => {
    const isSentence = error instanceof StartError;
    process.stderr.write(
      `\n${isSentence ? error.message : error instanceof Error ? String(error.stack) : String(error)}\n`,
    );
    process.exit(1);
  },
);
