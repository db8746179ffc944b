/** What the product writes to standard output and error within this process: its logs. */
export class CapturedOutput {
  private readonly chunks: string[] = [];
  private readonly spies = [process.stdout, process.stderr].map((stream) =>
    // A logger whose standard output has been replaced writes to the replacement.
    jest.spyOn(stream, 'write').mockImplementation((chunk) => {
      this.chunks.push(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'));
      return true;
    }),
  );

  text(): string {
    return this.chunks.join('');
  }

  restore(): void {
    for (const spy of this.spies) spy.mockRestore();
  }
}
