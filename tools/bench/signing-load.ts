import { printVerifierKey } from '@libs/tlog';
import { fork } from 'node:child_process';
import type { IssuingStack } from './issuing-stack';
import type { LoadResult } from './load';
import { LoadProcess } from './load-process';
import { HEAP_LIMIT } from './service-process';

export interface IssuingResult extends LoadResult {
  /** Processor time of the generator in each second of the round; near 1 it would be what is measured. */
  readonly generatorShare: number;
}

export type SigningLoad = LoadProcess<IssuingResult>;

/** A caller of the signing service in a process of its own. */
export function startSigningLoad({ signing, frontendKey, verifier }: IssuingStack): Promise<SigningLoad> {
  const target = [signing.url, frontendKey, printVerifierKey(verifier)];
  const child = fork(require.resolve('./signing-load.process'), target, {
    execArgv: [HEAP_LIMIT, '--enable-source-maps'],
    stdio: ['ignore', process.stderr, process.stderr, 'ipc'],
  });
  return LoadProcess.of<IssuingResult>(child);
}
