import { refuseDataLoss, sqlTypes } from '@libs/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateDownloadTokens1764000005000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const { timestamp } = sqlTypes(queryRunner);
    // The token is claimed before its issuance is inserted, so that a lost race writes nothing: checked at COMMIT.
    await queryRunner.query(`
      CREATE TABLE "download_tokens" (
        "token_hash" char(64) NOT NULL,
        "user_id" varchar(36) NOT NULL,
        "groups" text NOT NULL,
        "options" text NOT NULL,
        "created_at" ${timestamp} NOT NULL,
        "expires_at" ${timestamp} NOT NULL,
        "claimed_at" ${timestamp},
        "spent_at" ${timestamp},
        "issuance_id" varchar(36),
        CONSTRAINT "download_tokens_pkey" PRIMARY KEY ("token_hash"),
        CONSTRAINT "download_tokens_issuance_id_key" UNIQUE ("issuance_id"),
        CONSTRAINT "download_tokens_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users" ("id"),
        CONSTRAINT "download_tokens_issuance_id_fkey" FOREIGN KEY ("issuance_id") REFERENCES "issuances" ("id")
          DEFERRABLE INITIALLY DEFERRED,
        CONSTRAINT "download_tokens_token_hash_check" CHECK (length("token_hash") = 64),
        CONSTRAINT "download_tokens_claimed_check" CHECK (("claimed_at" IS NULL) = ("issuance_id" IS NULL)),
        CONSTRAINT "download_tokens_spent_check" CHECK ("spent_at" IS NULL OR "claimed_at" IS NOT NULL)
      )`);
    await queryRunner.query('CREATE INDEX "download_tokens_user_id_idx" ON "download_tokens" ("user_id")');
    await queryRunner.query('CREATE INDEX "download_tokens_expires_at_idx" ON "download_tokens" ("expires_at")');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await refuseDataLoss(queryRunner, 'download_tokens');
    await queryRunner.query('DROP TABLE "download_tokens"');
  }
}
