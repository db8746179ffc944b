import { sqlTypes } from '@libs/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** RFC 8628: a device that waits for somebody to say yes elsewhere. */
export class CreateDeviceAuthorizations1764000504000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const { timestamp } = sqlTypes(queryRunner);
    await queryRunner.query(`
      CREATE TABLE "device_authorizations" (
        "device_code_hash" char(64) NOT NULL,
        "user_code_hash" char(64) NOT NULL,
        "device_name" varchar(64),
        "client_address" varchar(64),
        "user_agent" varchar(256),
        "interval_seconds" integer NOT NULL,
        "last_polled_at" ${timestamp},
        "created_at" ${timestamp} NOT NULL,
        "expires_at" ${timestamp} NOT NULL,
        "decision" varchar(16),
        "user_id" varchar(36),
        "redeemed_at" ${timestamp},
        CONSTRAINT "device_authorizations_pkey" PRIMARY KEY ("device_code_hash"),
        CONSTRAINT "device_authorizations_user_code_hash_key" UNIQUE ("user_code_hash"),
        CONSTRAINT "device_authorizations_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users" ("id"),
        CONSTRAINT "device_authorizations_hash_check" CHECK (
          length("device_code_hash") = 64 AND length("user_code_hash") = 64
        ),
        CONSTRAINT "device_authorizations_decision_check" CHECK (
          ("decision" IS NULL AND "user_id" IS NULL) OR
          ("decision" IN ('approved', 'refused') AND "user_id" IS NOT NULL)
        ),
        CONSTRAINT "device_authorizations_redeemed_check" CHECK (
          "redeemed_at" IS NULL OR ("decision" IS NOT NULL AND "decision" = 'approved')
        ),
        CONSTRAINT "device_authorizations_interval_check" CHECK ("interval_seconds" > 0)
      )`);
    await queryRunner.query(
      'CREATE INDEX "device_authorizations_expires_at_idx" ON "device_authorizations" ("expires_at")',
    );
    await queryRunner.query('CREATE INDEX "device_authorizations_user_id_idx" ON "device_authorizations" ("user_id")');
  }

  /** They live for minutes: whoever waits starts again. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE "device_authorizations"');
  }
}
