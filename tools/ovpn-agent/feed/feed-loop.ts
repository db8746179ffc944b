import { setTimeout as delay } from 'node:timers/promises';
import type { RevocationPage } from '@libs/contracts';
import type { Clock } from '@libs/http';
import type { Problems } from '../problems';
import { AgentProblem } from '../problems';
import type { AgentState } from '../state/agent-state';
import type { RevocationStore } from '../state/revocation-store';
import type { FeedFollower } from './feed-follower';
import type { ManagerClient } from './manager-client';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;
/** From one question to the next when a manager does not let wait. */
const PACE_MS = 1_000;
const FEED_PROBLEMS = [
  'manager_unreachable',
  'credential_refused',
  'page_invalid',
  'log_shrunk',
  'log_forked',
  'files_not_written',
] as const;

export interface FeedOptions {
  readonly client: Pick<ManagerClient, 'page'>;
  readonly follower: FeedFollower;
  readonly state: AgentState;
  readonly store: RevocationStore;
  readonly problems: Problems;
  readonly clock: Clock;
  readonly waitSeconds: number;
  /** Called when there are new revocations. */
  readonly onLearned: () => void;
  /** Called when the head has moved. */
  readonly onAdvanced: () => void;
}

/** Follows the revocation feed for as long as the agent lives. Whatever goes wrong is a problem, and tried again. */
export class FeedLoop {
  /** When the log signed the newest page that was accepted, in milliseconds; undefined before the first. */
  issuedAt: number | undefined;

  constructor(private readonly options: FeedOptions) {
    const { issuedAt } = options.state.head;
    this.issuedAt = issuedAt === '' ? undefined : Date.parse(issuedAt);
  }

  async run(signal: AbortSignal): Promise<void> {
    let pause = FIRST_PAUSE_MS;
    let waitSeconds = 0;
    for (;;) {
      const started = performance.now();
      try {
        const { complete, revocations } = await this.round(waitSeconds, signal);
        waitSeconds = complete ? this.options.waitSeconds : 0;
        pause = FIRST_PAUSE_MS;
        if (revocations.length === 0) await rest(PACE_MS - (performance.now() - started), signal);
      } catch (error) {
        if (!signal.aborted) this.tell(error);
        waitSeconds = 0;
        // Not all agents at once when a manager comes back.
        await rest(pause * (0.5 + Math.random()), signal);
        pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
      }
      if (signal.aborted) return;
    }
  }

  /** Fetches and applies a page. */
  async round(waitSeconds: number, signal: AbortSignal): Promise<RevocationPage> {
    const { client, follower, state, store, problems, onLearned, onAdvanced } = this.options;
    const { sequence, size } = state.head;
    const query = { since: sequence, ...(size > 0 && { extends: size }) };
    const page = follower.accept(await client.page(query, waitSeconds, signal), state.head);
    this.issuedAt = Math.max(this.issuedAt ?? 0, page.issuedAt.getTime());
    await store.apply(page, onLearned);
    problems.clear(...FEED_PROBLEMS);
    if (state.head.sequence !== sequence) onAdvanced();
    return page;
  }

  /** Everything that there is now. @returns whether it could be had */
  async catchUp(signal: AbortSignal): Promise<boolean> {
    try {
      while (!(await this.round(0, signal)).complete);
      return true;
    } catch (error) {
      this.tell(error);
      return false;
    }
  }

  /** An old page is what somebody gets who is kept in the dark. */
  checkAge(staleAfterMs: number, startedAt: number): void {
    const age = this.options.clock.now().getTime() - (this.issuedAt ?? startedAt);
    if (age <= staleAfterMs) this.options.problems.clear('feed_stale');
    else this.options.problems.raise('feed_stale', 'the newest page of the feed is older than it may be');
  }

  private tell(error: unknown): void {
    const { problems } = this.options;
    if (error instanceof AgentProblem) problems.clear(...FEED_PROBLEMS.filter((code) => code !== error.code));
    problems.raiseFor(error, 'files_not_written');
  }
}

async function rest(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (milliseconds > 0) await delay(milliseconds, undefined, { signal }).catch(() => undefined);
}
