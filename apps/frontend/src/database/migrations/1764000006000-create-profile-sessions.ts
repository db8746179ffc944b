import { refuseDataLoss, sqlTypes } from '@libs/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateProfileSessions1764000006000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const { timestamp } = sqlTypes(queryRunner);
    await queryRunner.query(`
      CREATE TABLE "profile_sessions" (
        "token_hash" char(64) NOT NULL,
        "issuance_id" varchar(36) NOT NULL,
        "created_at" ${timestamp} NOT NULL,
        CONSTRAINT "profile_sessions_pkey" PRIMARY KEY ("token_hash"),
        CONSTRAINT "profile_sessions_issuance_id_key" UNIQUE ("issuance_id"),
        CONSTRAINT "profile_sessions_issuance_id_fkey" FOREIGN KEY ("issuance_id") REFERENCES "issuances" ("id"),
        CONSTRAINT "profile_sessions_token_hash_check" CHECK (length("token_hash") = 64)
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await refuseDataLoss(queryRunner, 'profile_sessions');
    await queryRunner.query('DROP TABLE "profile_sessions"');
  }
}
