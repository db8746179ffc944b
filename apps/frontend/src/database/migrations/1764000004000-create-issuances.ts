import { refuseDataLoss, sqlTypes } from '@libs/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateIssuances1764000004000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const { timestamp, bigint, boolean } = sqlTypes(queryRunner);
    await queryRunner.query(`
      CREATE TABLE "issuances" (
        "id" varchar(36) NOT NULL,
        "kind" varchar(16) NOT NULL,
        "user_id" varchar(36),
        "psk_id" varchar(36),
        "common_name" varchar(64) NOT NULL,
        "template" varchar(200) NOT NULL,
        "options" text NOT NULL,
        "state" varchar(16) NOT NULL,
        "holds_credential" ${boolean} NOT NULL,
        "serial_number" char(40),
        "fingerprint" char(64),
        "log_index" ${bigint},
        "error_code" varchar(64),
        "expires_at" ${timestamp},
        "created_at" ${timestamp} NOT NULL,
        "lease_until" ${timestamp} NOT NULL,
        "finished_at" ${timestamp},
        CONSTRAINT "issuances_pkey" PRIMARY KEY ("id"),
        CONSTRAINT "issuances_fingerprint_key" UNIQUE ("fingerprint"),
        CONSTRAINT "issuances_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users" ("id"),
        CONSTRAINT "issuances_psk_id_fkey" FOREIGN KEY ("psk_id") REFERENCES "psks" ("id"),
        CONSTRAINT "issuances_kind_check" CHECK ("kind" IN ('user', 'computer', 'server')),
        CONSTRAINT "issuances_requester_check" CHECK (
          ("kind" = 'user') = ("user_id" IS NOT NULL) AND ("user_id" IS NULL) = ("psk_id" IS NOT NULL)
        ),
        CONSTRAINT "issuances_state_check" CHECK (
          ("state" = 'pending' AND "finished_at" IS NULL) OR
          ("state" = 'failed' AND "finished_at" IS NOT NULL AND "fingerprint" IS NULL) OR
          ("state" IN ('issued', 'superseded') AND "finished_at" IS NOT NULL AND "fingerprint" IS NOT NULL)
        ),
        CONSTRAINT "issuances_certificate_check" CHECK (
          ("fingerprint" IS NULL) = ("serial_number" IS NULL) AND
          ("fingerprint" IS NULL) = ("log_index" IS NULL) AND
          ("fingerprint" IS NULL) = ("expires_at" IS NULL)
        )
      )`);
    await queryRunner.query('CREATE INDEX "issuances_user_id_idx" ON "issuances" ("user_id", "created_at")');
    await queryRunner.query('CREATE INDEX "issuances_psk_id_idx" ON "issuances" ("psk_id", "created_at")');
    await queryRunner.query(
      `CREATE INDEX "issuances_pending_idx" ON "issuances" ("lease_until") WHERE "state" = 'pending'`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await refuseDataLoss(queryRunner, 'issuances');
    await queryRunner.query('DROP TABLE "issuances"');
  }
}
