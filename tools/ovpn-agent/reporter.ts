import { Bell } from './bell';
import type { ManagerClient } from './feed/manager-client';
import { type Problems, reasonOf } from './problems';
import type { Status } from './status';
import { AGENT_VERSION } from './version';

/** The least from one report to the next. */
const PACE_MS = 1_000;

export interface ReporterOptions {
  readonly client: Pick<ManagerClient, 'report'>;
  readonly status: Status;
  readonly problems: Problems;
  readonly name: string;
  readonly intervalMs: number;
}

/** Tells the manager what has been applied: when it changes, and from time to time. */
export class Reporter {
  private readonly bell = new Bell();

  constructor(private readonly options: ReporterOptions) {}

  /** To be called when there is something new to tell. */
  wake(): void {
    this.bell.ring();
  }

  async run(signal: AbortSignal): Promise<void> {
    for (;;) {
      await this.bell.wait(this.options.intervalMs, signal);
      if (signal.aborted) return;
      await this.report(signal);
      await new Bell().wait(PACE_MS, signal);
    }
  }

  /** @returns whether it was taken */
  async report(signal: AbortSignal): Promise<boolean> {
    const { client, problems } = this.options;
    try {
      await client.report(this.body(), signal);
      problems.clear('report_not_accepted');
      return true;
    } catch (error) {
      if (!signal.aborted) problems.raise('report_not_accepted', `the report was not taken: ${reasonOf(error)}`);
      return false;
    }
  }

  private body(): object {
    const { status, name, problems } = this.options;
    const { state, feed, crls, guard } = status.sources;
    return {
      name,
      agent_version: AGENT_VERSION,
      sequence: status.sequence,
      log_size: state.head.size,
      ...(feed.issuedAt !== undefined && { page_issued_at: new Date(feed.issuedAt).toISOString() }),
      crls: (crls?.crls ?? []).map(({ issuer, floor }) => ({ issuer, number: floor.number })).slice(0, 32),
      management: status.management,
      ...(guard?.sessions !== undefined && { sessions: guard.sessions }),
      sessions_cut: guard?.sessionsCut ?? 0,
      problems: problems.codes.slice(0, 16),
    };
  }
}
