import { ConfigurationError, StartError } from '@libs/config';

/**
 * Runs a service's boot order and ends the process with one clear message when it fails: a sentence for what a person
 * can mend (configuration, taken port, a newer schema), the stack for what only a developer can.
 */
export async function boot(service: string, start: () => Promise<unknown>): Promise<void> {
  try {
    await start();
  } catch (error) {
    process.stderr.write(`${service} cannot start. ${explain(error)}\n`);
    process.exit(1);
  }
}

function explain(error: unknown): string {
  if (error instanceof ConfigurationError || error instanceof StartError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
