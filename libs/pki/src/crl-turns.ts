import { setTimeout as delay } from 'node:timers/promises';

/** A few of these between two requests go unnoticed. */
const SLICE_MS = 3;
const LONGEST_REST_MS = 10;

/**
 * Lets a long computation share the event loop: it asks now and then whether its slice is over, and if so rests for as long as
 * that took, so that half of the thread's time is left for others however busy it is.
 *
 *     if (turns.isOver) await turns.next();
 */
export class Turns {
  private began = performance.now();

  constructor(private readonly sliceMs: number = SLICE_MS) {}

  get isOver(): boolean {
    return this.elapsed >= this.sliceMs;
  }

  /** Resolves after everything that was waiting has had its turn. */
  async next(): Promise<void> {
    await delay(Math.min(this.elapsed, LONGEST_REST_MS));
    this.began = performance.now();
  }

  private get elapsed(): number {
    return performance.now() - this.began;
  }
}
