import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { readCheckpointUnverified } from '@libs/tlog';
import { ApiSession, objectOf } from '../support/api-session';
import { freePorts } from '../support/free-ports';
import { RunningProduct, temporaryFolder } from './support/running-product';

/** Starts the product where it cannot start; answers what it said. */
async function failedStart(variables: Readonly<Record<string, string>>) {
  const product = await RunningProduct.launch({ variables });
  try {
    const { code } = await product.process.ended;
    return { code, output: product.process.output() };
  } finally {
    await product.stop();
  }
}

/** One sentence for a person: no stack, no log lines. */
const sentences = (output: string) =>
  output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && line !== 'OpenVPN Manager is starting' && !/^[✓✗]/.test(line));

async function sizeOf(product: RunningProduct): Promise<number> {
  const response = await fetch(`${product.logUrl}/checkpoint`);
  return readCheckpointUnverified(await response.text()).size;
}

async function timed<T>(work: () => Promise<T>): Promise<readonly [seconds: number, result: T]> {
  const started = performance.now();
  const result = await work();
  return [(performance.now() - started) / 1000, result];
}

describe('npm start', () => {
  it('stops in order at Ctrl-C, keeps the data, and starts again with them, quicker', async () => {
    const dataDirectory = temporaryFolder();
    const products: RunningProduct[] = [];
    // The second time on the same ports: another address of the provider would be another provider's people.
    const start = async () => {
      const started = await RunningProduct.start({ dataDirectory, variables: products[0]?.variables ?? {} });
      products.push(started);
      return started;
    };
    try {
      const [first, product] = await timed(start);
      const before = objectOf(await (await ApiSession.signIn(product.frontendUrl, 'user')).get('/api/v1/me'));
      await ApiSession.signIn(product.frontendUrl, 'auditor');
      const size = await sizeOf(product);
      expect(await product.interrupt()).toEqual({ code: 0, signal: null });
      expect(product.process.output()).toContain(`Your data stays in ${dataDirectory}`);

      const [second, again] = await timed(start);
      expect(second).toBeLessThan(first);
      const after = objectOf(await (await ApiSession.signIn(again.frontendUrl, 'user')).get('/api/v1/me'));
      expect(after['id']).toBe(before['id']);
      expect(await sizeOf(again)).toBeGreaterThanOrEqual(size);
    } finally {
      for (const started of products.reverse()) await started.interrupt();
      rmSync(dataDirectory, { recursive: true, force: true });
    }
  });

  it.each(['SIGTERM', 'SIGHUP'] as const)('stops in order at %s, in the middle of its start too', async (signal) => {
    const product = await RunningProduct.launch();
    try {
      await product.process.waitFor('✓ PostgreSQL', 30_000);
      const processes = product.processes();
      product.process.signal(signal);
      expect((await product.process.ended).code).toBe(1);
      expect(product.process.output()).toContain('Stopped before everything was up.');
      expect(processes.length).toBeGreaterThan(1);
    } finally {
      // Fails when a process is left.
      await product.stop();
    }
  });

  it.each([
    'FRONTEND_PORT',
    'SIGNING_MANAGEMENT_PORT',
    'CT_PORT',
    'DEVELOPMENT_POSTGRES_PORT',
    'DEVELOPMENT_IDENTITY_PROVIDER_PORT',
  ])('says in one sentence that %s is taken', async (name) => {
    const [port = 0] = await freePorts(1);
    const occupant = createServer().listen(port, '127.0.0.1');
    await once(occupant, 'listening');
    try {
      const { code, output } = await failedStart({ [name]: String(port) });
      expect(code).toBe(1);
      expect(sentences(output)).toEqual([
        expect.stringMatching(new RegExp(`^Port ${String(port)}, for .*, is taken: `)),
      ]);
    } finally {
      occupant.close();
    }
  });

  it('says in one sentence that its data folder cannot be made', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    const DATA_DIRECTORY = join(folder, 'file', 'data');
    try {
      const { code, output } = await failedStart({ DATA_DIRECTORY });
      expect(code).toBe(1);
      expect(sentences(output)).toEqual([expect.stringContaining(`The folder ${DATA_DIRECTORY} cannot be written`)]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('says in one sentence that its data folder is read-only', async () => {
    const folder = temporaryFolder();
    const DATA_DIRECTORY = join(folder, 'data');
    mkdirSync(DATA_DIRECTORY);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro,size=1m', 'ovpn-read-only', DATA_DIRECTORY]);
    try {
      const { code, output } = await failedStart({ DATA_DIRECTORY });
      expect(code).toBe(1);
      expect(sentences(output)).toEqual([expect.stringContaining(`The folder ${DATA_DIRECTORY} cannot be written`)]);
    } finally {
      execFileSync('umount', [DATA_DIRECTORY]);
      rmSync(folder, { recursive: true });
    }
  });

  it('ends with the service that ended by itself, and with its last words', async () => {
    const product = await RunningProduct.start();
    try {
      const signing = product.processes().find(({ command }) => command.includes('apps/signing'));
      if (!signing) throw new Error('no signing service');
      process.kill(signing.pid, 'SIGKILL');
      expect((await product.process.ended).code).toBe(1);
      expect(product.process.output()).toContain('signing stopped by itself');
    } finally {
      await product.stop();
    }
    expect(existsSync(product.dataDirectory)).toBe(false);
  });
});
