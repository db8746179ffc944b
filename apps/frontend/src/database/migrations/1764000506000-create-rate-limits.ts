import { sqlTypes } from '@libs/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Token buckets that all replicas draw from. A row whose bucket is full again says nothing and may go. */
export class CreateRateLimits1764000506000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const { bigint } = sqlTypes(queryRunner);
    await queryRunner.query(`
      CREATE TABLE "rate_limits" (
        "key_hash" char(64) NOT NULL,
        "full_at_ms" ${bigint} NOT NULL,
        CONSTRAINT "rate_limits_pkey" PRIMARY KEY ("key_hash")
      )`);
    await queryRunner.query('CREATE INDEX "rate_limits_full_at_ms_idx" ON "rate_limits" ("full_at_ms")');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE "rate_limits"');
  }
}
