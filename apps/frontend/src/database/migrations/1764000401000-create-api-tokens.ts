import { refuseDataLoss, sqlTypes } from '@libs/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateApiTokens1764000401000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const { timestamp } = sqlTypes(queryRunner);
    await queryRunner.query(`
      CREATE TABLE "api_tokens" (
        "id" varchar(36) NOT NULL,
        "public_id" varchar(16) NOT NULL,
        "secret_hash" char(64) NOT NULL,
        "name" varchar(100) NOT NULL,
        "scopes" text NOT NULL,
        "created_at" ${timestamp} NOT NULL,
        "created_by" varchar(36) NOT NULL,
        "expires_at" ${timestamp} NOT NULL,
        "last_used_at" ${timestamp},
        "revoked_at" ${timestamp},
        "revoked_by" varchar(36),
        CONSTRAINT "api_tokens_pkey" PRIMARY KEY ("id"),
        CONSTRAINT "api_tokens_public_id_key" UNIQUE ("public_id"),
        CONSTRAINT "api_tokens_created_by_fkey" FOREIGN KEY ("created_by") REFERENCES "users" ("id"),
        CONSTRAINT "api_tokens_revoked_by_fkey" FOREIGN KEY ("revoked_by") REFERENCES "users" ("id"),
        CONSTRAINT "api_tokens_secret_hash_check" CHECK (length("secret_hash") = 64),
        CONSTRAINT "api_tokens_expires_at_check" CHECK ("expires_at" > "created_at"),
        CONSTRAINT "api_tokens_revoked_check" CHECK (("revoked_at" IS NULL) = ("revoked_by" IS NULL))
      )`);
    await queryRunner.query('CREATE INDEX "api_tokens_created_at_idx" ON "api_tokens" ("created_at", "id")');
    await queryRunner.query('CREATE INDEX "api_tokens_created_by_idx" ON "api_tokens" ("created_by")');
    await queryRunner.query('CREATE INDEX "api_tokens_expires_at_idx" ON "api_tokens" ("expires_at")');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await refuseDataLoss(queryRunner, 'api_tokens');
    await queryRunner.query('DROP TABLE "api_tokens"');
  }
}
