import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for what another process does when it gets to it. */
export async function eventually(holds: () => boolean | Promise<boolean>, patienceMs = 10_000): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not within ${String(patienceMs)} ms: ${holds.toString()}`);
    await sleep(20);
  }
}
