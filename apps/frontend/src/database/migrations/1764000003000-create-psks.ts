import { refuseDataLoss, sqlTypes } from '@libs/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreatePsks1764000003000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const { timestamp } = sqlTypes(queryRunner);
    await queryRunner.query(`
      CREATE TABLE "psks" (
        "id" varchar(36) NOT NULL,
        "public_id" varchar(16) NOT NULL,
        "secret_hash" char(64) NOT NULL,
        "kind" varchar(16) NOT NULL,
        "common_name" varchar(64) NOT NULL,
        "template_set" varchar(200) NOT NULL,
        "description" varchar(200) NOT NULL,
        "expires_at" ${timestamp},
        "use_limit" integer,
        "uses" integer NOT NULL,
        "last_used_at" ${timestamp},
        "created_at" ${timestamp} NOT NULL,
        "created_by" varchar(36) NOT NULL,
        "revoked_at" ${timestamp},
        "revoked_by" varchar(36),
        CONSTRAINT "psks_pkey" PRIMARY KEY ("id"),
        CONSTRAINT "psks_public_id_key" UNIQUE ("public_id"),
        CONSTRAINT "psks_created_by_fkey" FOREIGN KEY ("created_by") REFERENCES "users" ("id"),
        CONSTRAINT "psks_revoked_by_fkey" FOREIGN KEY ("revoked_by") REFERENCES "users" ("id"),
        CONSTRAINT "psks_secret_hash_check" CHECK (length("secret_hash") = 64),
        CONSTRAINT "psks_kind_check" CHECK ("kind" IN ('server', 'computer')),
        CONSTRAINT "psks_uses_check" CHECK ("uses" >= 0 AND ("use_limit" IS NULL OR "uses" <= "use_limit")),
        CONSTRAINT "psks_revoked_check" CHECK (("revoked_at" IS NULL) = ("revoked_by" IS NULL))
      )`);
    await queryRunner.query('CREATE INDEX "psks_created_at_idx" ON "psks" ("created_at", "id")');
    await queryRunner.query('CREATE INDEX "psks_created_by_idx" ON "psks" ("created_by")');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await refuseDataLoss(queryRunner, 'psks');
    await queryRunner.query('DROP TABLE "psks"');
  }
}
