/**
 * Makes a call with a signal of its own, which aborts when `outer` does or the time is up. Afterwards neither a timer nor a listener is
 * left: `AbortSignal.any` would leave a trace in `outer`, which may live as long as the process, for every call.
 */
export async function withinDeadline<T>(
  timeoutMs: number,
  outer: AbortSignal | undefined,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const abort = () => {
    controller.abort(outer?.reason);
  };
  const timer = setTimeout(() => {
    controller.abort(new DOMException(`no answer within ${String(timeoutMs)} ms`, 'TimeoutError'));
  }, timeoutMs);
  if (outer?.aborted) abort();
  else outer?.addEventListener('abort', abort, { once: true });
  try {
    return await call(controller.signal);
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener('abort', abort);
  }
}
