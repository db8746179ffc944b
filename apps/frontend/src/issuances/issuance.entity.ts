import type { CertificateKind } from '@libs/contracts';
import { UtcColumn } from '@libs/database';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** PostgreSQL's bigint arrives as text; a log has fewer entries than a double can count. */
const SAFE_INTEGER = {
  to: (value: number | null) => value,
  from: (value: string | number | null) => (value === null ? null : Number(value)),
};

/**
 * - `pending`: under way, or nobody knows how it ended until reconciliation has asked the log
 * - `issued`: the certificate was delivered
 * - `failed`: there is no certificate
 * - `superseded`: there was a certificate that nobody received; it has been revoked
 */
export type IssuanceState = 'pending' | 'issued' | 'failed' | 'superseded';

/** One attempt to make a certificate. Its id is the idempotency key towards signing and stands in the log's context. */
@Entity('issuances')
export class Issuance {
  /** UUID. */
  @PrimaryColumn({ type: 'varchar', length: 36, primaryKeyConstraintName: 'issuances_pkey' })
  id: string;

  @Column({ type: 'varchar', length: 16 })
  kind: CertificateKind;

  /** Either this or `pskId` is set. */
  @Column({ name: 'user_id', type: 'varchar', length: 36, nullable: true })
  userId: string | null;

  @Column({ name: 'psk_id', type: 'varchar', length: 36, nullable: true })
  pskId: string | null;

  @Column({ name: 'common_name', type: 'varchar', length: 64 })
  commonName: string;

  /** Group of the client template, or the server's template set. */
  @Column({ type: 'varchar', length: 200 })
  template: string;

  @Column({ type: 'simple-json' })
  options: string[];

  /** What the owner calls the device that the profile is for. */
  @Column({ name: 'device_name', type: 'varchar', length: 64, nullable: true })
  deviceName: string | null;

  /** SHA-256 of requester and `Idempotency-Key`; unique among issuances that are under way or have been issued. */
  @Column({ name: 'idempotency_hash', type: 'varchar', length: 64, nullable: true })
  idempotencyHash: string | null;

  /** SHA-256 of what was asked for under that key. */
  @Column({ name: 'request_hash', type: 'varchar', length: 64, nullable: true })
  requestHash: string | null;

  @Column({ type: 'varchar', length: 16 })
  state: IssuanceState;

  /** Whether the token or PSK use that paid for it would have to be given back if there is no certificate. */
  @Column({ name: 'holds_credential', type: 'boolean' })
  holdsCredential: boolean;

  @Column({ name: 'serial_number', type: 'varchar', length: 40, nullable: true })
  serialNumber: string | null;

  @Column({ type: 'varchar', length: 64, nullable: true })
  fingerprint: string | null;

  @Column({ name: 'log_index', type: 'bigint', nullable: true, transformer: SAFE_INTEGER })
  logIndex: number | null;

  /** Code of the failure as the caller saw it. */
  @Column({ name: 'error_code', type: 'varchar', length: 64, nullable: true })
  errorCode: string | null;

  /** End of the certificate's validity. */
  @UtcColumn({ name: 'expires_at', nullable: true })
  expiresAt: Date | null;

  @UtcColumn({ name: 'created_at' })
  createdAt: Date;

  /** From then on a pending issuance belongs to whoever reconciles it. */
  @UtcColumn({ name: 'lease_until' })
  leaseUntil: Date;

  @UtcColumn({ name: 'finished_at', nullable: true })
  finishedAt: Date | null;

  /** When we learned that the certificate has been revoked. The log alone knows for certain: without it nothing is said. */
  @UtcColumn({ name: 'revoked_at', nullable: true })
  revokedAt: Date | null;
}
