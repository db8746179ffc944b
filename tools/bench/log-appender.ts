import { fork } from 'node:child_process';
import type { LoadResult } from './load';
import { LoadProcess } from './load-process';
import type { BenchLog } from './log-server';
import { HEAP_LIMIT } from './service-process';

export type Appender = LoadProcess<LoadResult>;

/**
 * A certificate transparency service that appends entries of its own making, in a process of its own.
 * @param profileFolder where to put a CPU profile at the end
 */
export function startAppender({ variables }: BenchLog, profileFolder?: string): Promise<Appender> {
  const profiling = profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`];
  const child = fork(require.resolve('./log-appender.process'), [], {
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', CT_LOG_LEVEL: 'error', ...variables },
    execArgv: [HEAP_LIMIT, '--enable-source-maps', ...profiling],
    stdio: ['ignore', process.stderr, process.stderr, 'ipc'],
  });
  return LoadProcess.of<LoadResult>(child);
}
