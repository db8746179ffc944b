import { UtcColumn } from '@libs/database';
import { Column, Entity, PrimaryColumn } from 'typeorm';

export const PSK_KINDS = ['server', 'computer'] as const;

/** What a pre-shared key fetches: server bundles or computer profiles. */
export type PskKind = (typeof PSK_KINDS)[number];

/** A pre-shared key. The secret itself was shown once, at creation, and stands nowhere. */
@Entity('psks')
export class Psk {
  /** UUID. */
  @PrimaryColumn({ type: 'varchar', length: 36, primaryKeyConstraintName: 'psks_pkey' })
  id: string;

  /** The part of the secret by which its row is found; no secret itself. */
  @Column({ name: 'public_id', type: 'varchar', length: 16 })
  publicId: string;

  /** SHA-256 of the whole secret, lower-case hex. */
  @Column({ name: 'secret_hash', type: 'varchar', length: 64 })
  secretHash: string;

  @Column({ type: 'varchar', length: 16 })
  kind: PskKind;

  /** CN of the certificates that it fetches; for a server its DNS name as well. */
  @Column({ name: 'common_name', type: 'varchar', length: 64 })
  commonName: string;

  /** A server's template set; for a computer the group whose client template it gets. */
  @Column({ name: 'template_set', type: 'varchar', length: 200 })
  templateSet: string;

  @Column({ type: 'varchar', length: 200 })
  description: string;

  /** Networks in CIDR notation that it may be used from; none: from anywhere. */
  @Column({ name: 'allowed_networks', type: 'simple-json' })
  allowedNetworks: string[];

  /** For administrators to find it by. */
  @Column({ type: 'simple-json' })
  labels: Record<string, string>;

  @UtcColumn({ name: 'expires_at', nullable: true })
  expiresAt: Date | null;

  @Column({ name: 'use_limit', type: 'integer', nullable: true })
  useLimit: number | null;

  /** Uses so far, those under way included. */
  @Column({ type: 'integer' })
  uses: number;

  @UtcColumn({ name: 'last_used_at', nullable: true })
  lastUsedAt: Date | null;

  @UtcColumn({ name: 'created_at' })
  createdAt: Date;

  @Column({ name: 'created_by', type: 'varchar', length: 36 })
  createdBy: string;

  @UtcColumn({ name: 'revoked_at', nullable: true })
  revokedAt: Date | null;

  @Column({ name: 'revoked_by', type: 'varchar', length: 36, nullable: true })
  revokedBy: string | null;
}

/** @returns whether the key is neither revoked nor expired */
export function isInForce(psk: Psk, now: Date): boolean {
  return psk.revokedAt === null && (psk.expiresAt === null || psk.expiresAt > now);
}

export function isUsedUp(psk: Psk): boolean {
  return psk.useLimit !== null && psk.uses >= psk.useLimit;
}
