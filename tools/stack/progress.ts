/** One line per step: rewritten in place on a terminal, printed once it is done elsewhere. */
export class Progress {
  private readonly terminal = process.stdout.isTTY;

  async step<T>(title: string, work: () => Promise<T>): Promise<T> {
    const started = performance.now();
    if (this.terminal) process.stdout.write(`  · ${title} …`);
    try {
      const result = await work();
      this.end(`  ✓ ${title} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
      return result;
    } catch (error) {
      this.end(`  ✗ ${title}`);
      throw error;
    }
  }

  private end(line: string): void {
    process.stdout.write(this.terminal ? `\r\u001b[2K${line}\n` : `${line}\n`);
  }
}
