import type { CrlRounds } from './crl/crl-rounds';
import type { FeedLoop } from './feed/feed-loop';
import type { SessionGuard } from './openvpn/session-guard';
import type { Problems } from './problems';
import type { AgentState } from './state/agent-state';
import type { RevocationStore } from './state/revocation-store';

export interface StatusSources {
  readonly state: AgentState;
  readonly store: RevocationStore;
  readonly feed: FeedLoop;
  readonly crls: CrlRounds | undefined;
  readonly guard: SessionGuard | undefined;
  readonly problems: Problems;
  /** Whether OpenVPN reads the CRLs, and not the folder alone. */
  readonly needsCrls: boolean;
}

/** What the agent has applied, as it is reported and measured. */
export class Status {
  constructor(readonly sources: StatusSources) {}

  /** Every revocation with a smaller log index is refused by the server itself. */
  get sequence(): number {
    const { state, crls, needsCrls } = this.sources;
    return needsCrls ? (crls?.sequence ?? 0) : state.head.sequence;
  }

  get management(): 'connected' | 'unreachable' | 'not_configured' {
    const { guard } = this.sources;
    if (guard === undefined) return 'not_configured';
    return guard.isConnected ? 'connected' : 'unreachable';
  }
}
