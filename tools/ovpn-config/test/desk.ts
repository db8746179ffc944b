import type { Variables } from '@libs/config';
import { mkdtempSync } from 'node:fs';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../run';
import type { Surroundings } from '../surroundings';

export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder with settings, in which commands run; nobody watches unless told otherwise. */
export class Desk {
  readonly folder = mkdtempSync(join(tmpdir(), 'ovpn-config-'));
  readonly systemFile = join(this.folder, 'system.yaml');
  /** Pauses that were asked for, in milliseconds. */
  readonly pauses: number[] = [];
  openBrowser: (url: string) => void = () => undefined;
  isWatched = false;
  /** Called at each pause, as whoever types a code meanwhile. */
  meanwhile: () => Promise<void> = () => Promise.resolve();
  stderr = '';
  /** Interrupts the next run. */
  interruption = new AbortController();

  constructor(private readonly environment: Variables = {}) {}

  async run(...argv: readonly string[]): Promise<Outcome> {
    const chunks: Buffer[] = [];
    this.stderr = '';
    const status = await run(argv, this.surroundings(chunks));
    return { status, stdout: Buffer.concat(chunks).toString('latin1'), stderr: this.stderr };
  }

  surroundings(chunks: Buffer[] = []): Surroundings {
    return {
      environment: { XDG_CONFIG_HOME: this.folder, ...this.environment },
      stdout: (content) => chunks.push(Buffer.from(content)),
      stderr: (text) => (this.stderr += text),
      isWatched: this.isWatched,
      terminal: undefined,
      openBrowser: (url) => this.openBrowser(url),
      wait: async (milliseconds) => {
        this.pauses.push(milliseconds);
        await this.meanwhile();
      },
      signal: this.interruption.signal,
      hostName: 'desk.example.org',
      systemFile: this.systemFile,
    };
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  read(name: string): Promise<string> {
    return readFile(this.path(name), 'utf8');
  }

  async write(name: string, content: string): Promise<string> {
    await writeFile(this.path(name), content, { mode: 0o600 });
    return this.path(name);
  }

  async mode(name: string): Promise<string> {
    return ((await stat(this.path(name))).mode & 0o777).toString(8);
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}
