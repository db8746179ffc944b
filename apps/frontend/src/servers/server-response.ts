import type { IsoUtc, Uuid } from '@libs/contracts';
import type { ServerLag } from './server-lag.service';
import type { AppliedCrl, ManagementState, ServerState } from './server-state.entity';

/** A server as administrators see it. */
export interface ServerResponse {
  readonly id: Uuid;
  /** As the agent reports it. */
  readonly name: string;
  /** Id of the pre-shared key that it reports with. */
  readonly psk_id: Uuid;
  /** Of its agent. */
  readonly agent_version: string;
  /** Every revocation with a smaller log index has been applied there. */
  readonly sequence: number;
  /** Revocations that have not; null while the log does not answer. `seconds` is how long the oldest has waited. */
  readonly lag: { readonly revocations: number; readonly is_exact: boolean; readonly seconds: number } | null;
  /** Size of the largest log that the agent has seen. */
  readonly log_size: number;
  /** When the log signed the newest page that the agent has seen: old means that it is cut off, or kept in the dark. */
  readonly page_issued_at: IsoUtc | null;
  /** The CRLs that lie beside the server. */
  readonly crls: readonly AppliedCrl[];
  readonly management: ManagementState;
  /** Clients connected, where it is known. */
  readonly sessions: number | null;
  /** Sessions that the agent has cut since it was started. */
  readonly sessions_cut: number;
  /** Codes of what the agent finds wrong. */
  readonly problems: readonly string[];
  readonly first_reported_at: IsoUtc;
  readonly reported_at: IsoUtc;
}

export function serverResponse(state: ServerState, lag: ServerLag | null): ServerResponse {
  return {
    id: state.id,
    name: state.name,
    psk_id: state.pskId,
    agent_version: state.agentVersion,
    sequence: state.sequence,
    lag: lag && { revocations: lag.revocations, is_exact: lag.isExact, seconds: lag.seconds },
    log_size: state.logSize,
    page_issued_at: state.pageIssuedAt?.toISOString() ?? null,
    crls: state.crls,
    management: state.management,
    sessions: state.sessions,
    sessions_cut: state.sessionsCut,
    problems: state.problems,
    first_reported_at: state.createdAt.toISOString(),
    reported_at: state.reportedAt.toISOString(),
  };
}
