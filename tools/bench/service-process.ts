import type { Variables } from '@libs/config';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Far more than a service needs. Without a limit V8 lets garbage grow to several times the live data before it collects; with one
 * it collects in time, and a service under load stays at two thirds of the memory.
 */
export const HEAP_LIMIT = '--max-old-space-size=512';

const READY_TIMEOUT_MS = 30_000;

/** A compiled service as a child process on free ports. */
export class ServiceProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
    readonly managementUrl: string,
    /** From the start of the process to the first `ready`. */
    readonly readyMs: number,
  ) {}

  static async start(name: 'certtransparency' | 'signing', variables: Variables): Promise<ServiceProcess> {
    const started = performance.now();
    const main = join(__dirname, '..', '..', 'apps', name, 'src', 'main.js');
    const env = { PATH: process.env['PATH'], NODE_ENV: 'production', ...variables };
    const child = spawn(process.execPath, [HEAP_LIMIT, main], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    // However the measurement ends, it leaves no process behind.
    process.once('exit', () => child.kill('SIGKILL'));
    const { url, managementUrl } = await addressesOf(name, child);
    while (!(await isReady(managementUrl))) {
      if (performance.now() - started > READY_TIMEOUT_MS) throw new Error(`${name} is not ready: see its log above`);
      await delay(10);
    }
    return new ServiceProcess(child, url, managementUrl, performance.now() - started);
  }

  /** Resident memory in megabytes (10^6 bytes). */
  residentMb(): number {
    const kibibytes = Number(execFileSync('ps', ['-o', 'rss=', '-p', String(this.child.pid)], { encoding: 'utf8' }));
    return (kibibytes * 1024) / 1e6;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await gone;
  }
}

interface Addresses {
  readonly url: string;
  readonly managementUrl: string;
}

/** Ports are free ones: the service tells them in its log. Of the rest of the log only errors are shown. */
function addressesOf(name: string, child: ChildProcess): Promise<Addresses> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => {
      reject(new Error(`${name} ended with status ${String(code)} before it was ready`));
    });
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.includes('"level":"error"')) process.stderr.write(`${line}\n`);
      if (!line.includes('service listening')) return;
      const event = JSON.parse(line) as { url: string; management_url: string };
      resolve({ url: event.url, managementUrl: event.management_url });
    });
  });
}

async function isReady(managementUrl: string): Promise<boolean> {
  const response = await fetch(`${managementUrl}/health/ready`);
  await response.arrayBuffer();
  return response.ok;
}
