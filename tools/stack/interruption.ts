import { StartError } from '@libs/http';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** npm hands on the Ctrl-C that the terminal has sent to us already: what comes at once is the same one. */
const SAME_MS = 500;

/**
 * Ctrl-C, SIGTERM, or the terminal's end. The first one asks for an orderly stop; another one, later, does not wait for
 * it, and whatever ends with this process is ended.
 */
export function interruption(): { readonly signal: AbortSignal; readonly promise: Promise<undefined> } {
  const controller = new AbortController();
  let first: number | undefined;
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      first ??= Date.now();
      if (Date.now() - first > SAME_MS) process.exit(130);
      controller.abort(new StartError('Stopped before everything was up.'));
    });
  }
  const promise = new Promise<undefined>((resolve) => {
    controller.signal.addEventListener('abort', () => {
      resolve(undefined);
    });
  });
  return { signal: controller.signal, promise };
}
