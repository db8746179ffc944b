import { sqlTypes } from '@libs/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateSessions1764000002000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const { timestamp } = sqlTypes(queryRunner);
    await queryRunner.query(`
      CREATE TABLE "sessions" (
        "id_hash" varchar(64) NOT NULL,
        "user_id" varchar(36) NOT NULL,
        "data" text NOT NULL,
        "created_at" ${timestamp} NOT NULL,
        "idle_expires_at" ${timestamp} NOT NULL,
        "absolute_expires_at" ${timestamp} NOT NULL,
        "destroyed_at" ${timestamp},
        CONSTRAINT "sessions_pkey" PRIMARY KEY ("id_hash"),
        CONSTRAINT "sessions_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users" ("id"),
        CONSTRAINT "sessions_id_hash_check" CHECK (length("id_hash") = 64),
        CONSTRAINT "sessions_expiry_check" CHECK ("idle_expires_at" <= "absolute_expires_at")
      )`);
    await queryRunner.query('CREATE INDEX "sessions_user_id_idx" ON "sessions" ("user_id")');
    await queryRunner.query('CREATE INDEX "sessions_absolute_expires_at_idx" ON "sessions" ("absolute_expires_at")');
  }

  /** Sessions may always go: nothing is lost but a login. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE "sessions"');
  }
}
