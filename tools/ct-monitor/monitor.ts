import type { Clock } from '@libs/http';
import type { Issuer } from '@libs/pki';
import { type Alarm, Alarming } from './alarm';
import type { CheckpointWatch } from './checkpoint-watch';
import { compareCrl, issuersWithoutCrl } from './crl-comparison';
import { readCrls, type ServedCrl } from './crl-source';
import type { LogFollower } from './log-follower';
import { MonitorState } from './monitor-state';
import type { StateFile } from './state-file';

export interface MonitorOptions {
  readonly watch: CheckpointWatch;
  readonly follower: LogFollower;
  readonly file: StateFile;
  readonly clock: Clock;
  /** Where CRLs are served as PEM; none is a monitor of the log alone. */
  readonly crlUrls: readonly string[];
  readonly fetchText: (url: string) => Promise<string>;
  readonly authorities: readonly Issuer[];
  readonly graceMs: number;
}

/** What a round came to. */
export interface RoundReport {
  readonly alarms: readonly Alarm[];
  /** Reasons why something could not be looked at, a sentence each without its full stop. */
  readonly failures: readonly string[];
  /** Entries in the log as far as it has been followed. */
  readonly size: number;
}

/** Follows the log, round by round, and never takes back what it has seen. */
export class Monitor {
  private state: MonitorState | undefined;

  constructor(private readonly options: MonitorOptions) {}

  async round(): Promise<RoundReport> {
    const alarms: Alarm[] = [];
    const failures: string[] = [];
    // The CRLs first: whatever stands on them must stand in the log that is looked at after them.
    const crls = await this.fetchCrls(alarms, failures);
    const isFollowed = await this.follow(alarms, failures);
    const state = this.state ?? MonitorState.empty();
    alarms.push(...state.alarms);
    if (isFollowed) alarms.push(...this.compare(crls, state, failures.length === 0));
    return { alarms, failures, size: state.frontier.size };
  }

  /** Answers false when there is nothing that could be compared with. */
  private async follow(alarms: Alarm[], failures: string[]): Promise<boolean> {
    const { watch, follower, file, clock } = this.options;
    try {
      const state = (this.state ??= await file.load());
      const { note, checkpoint } = await watch.next(state);
      if (note === state.checkpoint) return true;
      const growth = await follower.follow(state, checkpoint);
      const next = state.grown({ checkpoint: note, ...growth }, clock.now());
      await file.save(next);
      this.state = next;
      return true;
    } catch (error) {
      if (error instanceof Alarming) alarms.push(error.alarm);
      else failures.push(`the log could not be followed: ${reasonOf(error)}`);
      return false;
    }
  }

  private async fetchCrls(alarms: Alarm[], failures: string[]): Promise<ServedCrl[]> {
    const { crlUrls, fetchText, authorities } = this.options;
    const crls: ServedCrl[] = [];
    for (const url of crlUrls) {
      try {
        const served = readCrls(url, await fetchText(url), authorities);
        alarms.push(...served.alarms);
        crls.push(...served.crls);
      } catch (error) {
        failures.push(`${url} could not be read: ${reasonOf(error)}`);
      }
    }
    return crls;
  }

  private compare(crls: readonly ServedCrl[], state: MonitorState, areComplete: boolean): Alarm[] {
    const { clock, graceMs, crlUrls } = this.options;
    const options = { now: clock.now(), graceMs };
    const alarms = crls.flatMap((crl) => compareCrl(crl, state, options));
    if (crlUrls.length > 0 && areComplete) alarms.push(...issuersWithoutCrl(crls, state, options));
    return alarms;
  }
}

/** The last link of the chain of causes says what happened. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : reasonOf(error.cause);
}
