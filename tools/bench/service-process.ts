import type { Variables } from '@libs/config';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Far more than a service needs. Without a limit V8 lets garbage grow to several times the live data before it collects; with one
 * it collects in time, and a service under load stays at two thirds of the memory.
 */
export const HEAP_LIMIT = '--max-old-space-size=512';

/** As the image and `npm start` run the services. */
const SHIPPED_HEAP = ['--max-semi-space-size=8', '--max-old-space-size=192'];
/** Of /proc; the same on every Linux. */
const TICKS_PER_SECOND = 100;
const READY_TIMEOUT_MS = 180_000;

/** A compiled service as a child process on free ports. */
export class ServiceProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
    readonly managementUrl: string,
    /** From the start of the process to the first `ready`. */
    readonly readyMs: number,
  ) {}

  static async start(name: 'certtransparency' | 'signing' | 'frontend', variables: Variables): Promise<ServiceProcess> {
    const started = performance.now();
    const main = join(__dirname, '..', '..', 'apps', name, 'src', 'main.js');
    const env = { PATH: process.env['PATH'], NODE_ENV: 'production', ...variables };
    const child = spawn(process.execPath, [...SHIPPED_HEAP, '--enable-source-maps', main], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
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

  /** From now on {@link peakMb} tells of; what it took to open the keys at the start is over. Linux alone can. */
  forgetPeak(): void {
    writeFileSync(this.processFile('clear_refs'), '5');
  }

  /** The most that has been resident, in megabytes. */
  peakMb(): number {
    const status = readFileSync(this.processFile('status'), 'utf8');
    return (Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1]) * 1024) / 1e6;
  }

  /** Processor time that all its threads have taken so far. Linux alone tells it. */
  cpuSeconds(): number {
    const [, fields = ''] = readFileSync(this.processFile('stat'), 'utf8').split(') ');
    const [user, system] = fields.split(' ').slice(11, 13).map(Number);
    return ((user ?? 0) + (system ?? 0)) / TICKS_PER_SECOND;
  }

  private processFile(name: string): string {
    return `/proc/${String(this.child.pid)}/${name}`;
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
