import { UtcColumn } from '@libs/database';
import { Column, Entity, PrimaryColumn } from 'typeorm';

export const MANAGEMENT_STATES = ['connected', 'unreachable', 'not_configured'] as const;

/** Whether the agent reaches OpenVPN's management interface, without which it cuts no session. */
export type ManagementState = (typeof MANAGEMENT_STATES)[number];

/** A CRL that lies beside a server. */
export interface AppliedCrl {
  /** SHA-256 of the issuer's SubjectPublicKeyInfo, lower-case hex. */
  readonly issuer: string;
  /** CRL number. */
  readonly number: number;
}

/** PostgreSQL's bigint arrives as text; a log has fewer entries than a double can count. */
const SAFE_INTEGER = { to: (value: number) => value, from: (value: string | number) => Number(value) };

/** What an OpenVPN server's agent last said about itself. Servers that share a PSK are told apart by their names. */
@Entity('server_states')
export class ServerState {
  /** UUID. */
  @PrimaryColumn({ type: 'varchar', length: 36, primaryKeyConstraintName: 'server_states_pkey' })
  id: string;

  @Column({ name: 'psk_id', type: 'varchar', length: 36 })
  pskId: string;

  @Column({ type: 'varchar', length: 64 })
  name: string;

  @Column({ name: 'agent_version', type: 'varchar', length: 32 })
  agentVersion: string;

  /** Every revocation with a smaller log index has been applied. */
  @Column({ type: 'bigint', transformer: SAFE_INTEGER })
  sequence: number;

  /** The largest log of which the agent has seen proof; it accepts no smaller one. */
  @Column({ name: 'log_size', type: 'bigint', transformer: SAFE_INTEGER })
  logSize: number;

  /** When the log signed the newest page that the agent has seen: null before the first. */
  @UtcColumn({ name: 'page_issued_at', nullable: true })
  pageIssuedAt: Date | null;

  @Column({ type: 'simple-json' })
  crls: AppliedCrl[];

  @Column({ type: 'varchar', length: 16 })
  management: ManagementState;

  /** Clients connected to the server, where it is known. */
  @Column({ type: 'integer', nullable: true })
  sessions: number | null;

  /** Sessions that the agent has cut since it was started. */
  @Column({ name: 'sessions_cut', type: 'integer' })
  sessionsCut: number;

  /** Codes of what the agent finds wrong. */
  @Column({ type: 'simple-json' })
  problems: string[];

  /** When the server first reported. */
  @UtcColumn({ name: 'created_at' })
  createdAt: Date;

  @UtcColumn({ name: 'reported_at' })
  reportedAt: Date;
}
