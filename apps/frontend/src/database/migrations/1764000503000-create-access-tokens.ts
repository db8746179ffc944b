import { sqlTypes } from '@libs/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateAccessTokens1764000503000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const { timestamp } = sqlTypes(queryRunner);
    await queryRunner.query(`
      CREATE TABLE "access_tokens" (
        "token_hash" char(64) NOT NULL,
        "user_id" varchar(36) NOT NULL,
        "created_at" ${timestamp} NOT NULL,
        "expires_at" ${timestamp} NOT NULL,
        CONSTRAINT "access_tokens_pkey" PRIMARY KEY ("token_hash"),
        CONSTRAINT "access_tokens_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users" ("id"),
        CONSTRAINT "access_tokens_token_hash_check" CHECK (length("token_hash") = 64),
        CONSTRAINT "access_tokens_expiry_check" CHECK ("created_at" < "expires_at")
      )`);
    await queryRunner.query('CREATE INDEX "access_tokens_user_id_idx" ON "access_tokens" ("user_id")');
    await queryRunner.query('CREATE INDEX "access_tokens_expires_at_idx" ON "access_tokens" ("expires_at")');
  }

  /** They live for minutes: nothing is lost but a login. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE "access_tokens"');
  }
}
