import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../run';

export interface Result {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A temporary folder, and runs of the verifier whose output is kept. */
export class Workbench {
  readonly folder = mkdtempSync(join(tmpdir(), 'ct-verify-'));

  constructor(private readonly key?: string) {}

  /** Answers the path. */
  file(name: string, content: string | Buffer): string {
    const path = join(this.folder, name);
    writeFileSync(path, content);
    return path;
  }

  /** With the key of the constructor. */
  async run(...argv: readonly string[]): Promise<Result> {
    return this.runIn({}, ...argv, ...(this.key === undefined ? [] : ['--key', this.key]));
  }

  async runIn(environment: Record<string, string>, ...argv: readonly string[]): Promise<Result> {
    let [stdout, stderr] = ['', ''];
    const status = await run(argv, {
      environment,
      stdout: (text) => (stdout += text),
      stderr: (text) => (stderr += text),
    });
    return { status, stdout, stderr };
  }

  /** The object that `--json` prints, with the exit status. */
  async json(...argv: readonly string[]): Promise<Record<string, unknown>> {
    const { status, stdout } = await this.run(...argv, '--json');
    return { status, ...(JSON.parse(stdout) as Record<string, unknown>) };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

/** The bytes with one bit of them turned over. */
export function flipBit(bytes: Buffer, bit: number): Buffer {
  const flipped = Buffer.from(bytes);
  const at = Math.floor(bit / 8) % bytes.length;
  flipped[at] = (flipped[at] ?? 0) ^ (1 << (bit % 8));
  return flipped;
}
