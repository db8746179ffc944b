import type { Cleanup } from './log-cleanup';
import type { BenchOptions } from './log-options';
import type { Report } from './log-report';
import type { BenchServer } from './log-server';

/** What every measurement of a run works with. */
export interface Surroundings {
  readonly server: BenchServer;
  readonly options: BenchOptions;
  readonly report: Report;
  readonly cleanup: Cleanup;
}
