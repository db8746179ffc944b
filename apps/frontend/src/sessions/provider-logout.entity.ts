import { UtcColumn } from '@libs/database';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A logout that the identity provider has told us of, kept until no login that began before it can arrive any more. */
@Entity('provider_logouts')
export class ProviderLogout {
  /** SHA-256 of the logout token's issuer and `jti`: the same one is good for one use. */
  @PrimaryColumn({ name: 'token_hash', type: 'varchar', length: 64, primaryKeyConstraintName: 'provider_logouts_pkey' })
  tokenHash: string;

  /** SHA-256 of the provider's session, when one is meant and not all of the person's. */
  @Column({ name: 'session_hash', type: 'varchar', length: 64, nullable: true })
  sessionHash: string | null;

  /** SHA-256 of issuer and subject, when all of the person's sessions are meant. */
  @Column({ name: 'subject_hash', type: 'varchar', length: 64, nullable: true })
  subjectHash: string | null;

  @UtcColumn({ name: 'issued_at' })
  issuedAt: Date;

  @UtcColumn({ name: 'expires_at' })
  expiresAt: Date;
}
