import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Variables } from '@libs/config';
import { freePorts } from '../../support/free-ports';
import { LoggedProcess, type ExitStatus } from '../../support/logged-process';
import { REPOSITORY, STACK } from './prerequisites';
import { processesNaming, processTree, stillRunning, type ProcessId } from './process-tree';

/** What the terminal shows last: from then on the product can be used. */
const UP = 'Ctrl-C stops everything.';
const START_TIMEOUT_MS = 60_000;

export interface ProductOptions {
  /** Over the ports and the data folder that are chosen here. */
  readonly variables?: Variables;
  /** Kept by whoever gives it; without one a temporary folder that goes with the product. */
  readonly dataDirectory?: string;
  /** A command that runs the product as somebody else: `['setpriv', '--reuid=nobody', …]`. */
  readonly runAs?: readonly string[];
}

/** The whole product as `npm start` runs it after the build, on ports and a data folder of its own. */
export class RunningProduct {
  private constructor(
    readonly process: LoggedProcess,
    readonly variables: Readonly<Record<string, string>>,
    private readonly removeData: () => void,
  ) {}

  /** Starts it and does not wait. */
  static async launch(options: ProductOptions = {}): Promise<RunningProduct> {
    const dataDirectory = options.dataDirectory ?? temporaryFolder();
    const variables = { ...(await portVariables()), DATA_DIRECTORY: dataDirectory, ...defined(options.variables) };
    const node = [process.execPath, '--enable-source-maps', STACK];
    const [command, ...args] = [...(options.runAs ?? []), ...node];
    // No other variable: the product must start without any.
    const env = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/', ...variables };
    const started = LoggedProcess.start('npm start', command ?? '', args, { cwd: REPOSITORY, env });
    const removeData = () => {
      if (options.dataDirectory === undefined) rmSync(dataDirectory, { recursive: true, force: true });
    };
    return new RunningProduct(started, variables, removeData);
  }

  /** Starts it and waits until it is up. */
  static async start(options: ProductOptions = {}): Promise<RunningProduct> {
    const product = await RunningProduct.launch(options);
    try {
      await product.process.waitFor(UP, START_TIMEOUT_MS);
      return product;
    } catch (error) {
      await product.stop();
      throw error;
    }
  }

  get dataDirectory(): string {
    return this.variable('DATA_DIRECTORY');
  }

  get frontendUrl(): string {
    return `http://localhost:${this.variable('FRONTEND_PORT')}`;
  }

  get logUrl(): string {
    return `http://localhost:${this.variable('CT_PORT')}`;
  }

  variable(name: string): string {
    const value = this.variables[name];
    if (value === undefined) throw new Error(`${name} is not set`);
    return value;
  }

  /** Everything that the product said: at the terminal, and in the services' log files. */
  logs(): string {
    const folder = join(this.dataDirectory, 'logs');
    const files = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
    return [this.process.output(), ...files].join('\n');
  }

  /** All its processes at this moment. */
  processes(): ProcessId[] {
    return processTree(this.process.pid);
  }

  /** As Ctrl-C does. What it leaves running is an error, and is ended. */
  async interrupt(): Promise<ExitStatus> {
    const before = this.processes();
    const status = await this.process.stop('SIGINT', 30_000);
    const left = new Map(
      [...stillRunning(before), ...processesNaming(this.dataDirectory)].map((one) => [one.pid, one]),
    );
    for (const pid of left.keys()) process.kill(pid, 'SIGKILL');
    if (left.size === 0) return status;
    const commands = [...left.values()].map(({ command }) => command);
    throw new Error(`the product left processes behind:\n${commands.join('\n')}\n\n${this.process.output()}`);
  }

  /** Ends it for good; a temporary data folder is removed. */
  async stop(): Promise<ExitStatus> {
    try {
      return await this.interrupt();
    } finally {
      this.removeData();
    }
  }
}

/** Everybody may enter, so that PostgreSQL runs as an unprivileged user when we are root. */
export function temporaryFolder(mode = 0o755): string {
  const folder = mkdtempSync(join(tmpdir(), 'ovpn-product-'));
  chmodSync(folder, mode);
  return folder;
}

async function portVariables(): Promise<Record<string, string>> {
  const names = [
    'FRONTEND_PORT',
    'FRONTEND_MANAGEMENT_PORT',
    'SIGNING_PORT',
    'SIGNING_MANAGEMENT_PORT',
    'CT_PORT',
    'CT_MANAGEMENT_PORT',
    'DEVELOPMENT_POSTGRES_PORT',
    'DEVELOPMENT_IDENTITY_PROVIDER_PORT',
  ];
  const ports = await freePorts(names.length);
  return Object.fromEntries(names.map((name, index) => [name, String(ports[index])]));
}

function defined(variables: Variables = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
