/** Wakes a loop that waits for something to do. A ring while nobody waits is kept for the next one. */
export class Bell {
  private hasRung = false;
  private wake: (() => void) | undefined;

  ring(): void {
    this.hasRung = true;
    this.wake?.();
  }

  /** Resolves at the next ring, when the time is up, or when the signal is given. */
  async wait(milliseconds: number, signal: AbortSignal): Promise<void> {
    if (!this.hasRung && !signal.aborted) await this.rest(milliseconds, signal);
    this.hasRung = false;
  }

  private async rest(milliseconds: number, signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        this.wake = undefined;
        resolve();
      };
      const timer = setTimeout(wake, milliseconds);
      signal.addEventListener('abort', wake, { once: true });
      this.wake = wake;
    });
  }
}
