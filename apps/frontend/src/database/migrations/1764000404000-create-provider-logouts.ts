import { sqlTypes } from '@libs/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateProviderLogouts1764000404000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const { timestamp } = sqlTypes(queryRunner);
    await queryRunner.query(`
      CREATE TABLE "provider_logouts" (
        "token_hash" char(64) NOT NULL,
        "session_hash" char(64),
        "subject_hash" char(64),
        "issued_at" ${timestamp} NOT NULL,
        "expires_at" ${timestamp} NOT NULL,
        CONSTRAINT "provider_logouts_pkey" PRIMARY KEY ("token_hash"),
        CONSTRAINT "provider_logouts_target_check" CHECK ("session_hash" IS NOT NULL OR "subject_hash" IS NOT NULL)
      )`);
    await queryRunner.query('CREATE INDEX "provider_logouts_session_hash_idx" ON "provider_logouts" ("session_hash")');
    await queryRunner.query('CREATE INDEX "provider_logouts_subject_hash_idx" ON "provider_logouts" ("subject_hash")');
    await queryRunner.query('CREATE INDEX "provider_logouts_expires_at_idx" ON "provider_logouts" ("expires_at")');
  }

  /** They are kept for an hour anyway. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE "provider_logouts"');
  }
}
