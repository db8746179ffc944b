import { refuseDataLoss, sqlTypes } from '@libs/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateServerStates1764000300000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const { timestamp, bigint } = sqlTypes(queryRunner);
    await queryRunner.query(`
      CREATE TABLE "server_states" (
        "id" varchar(36) NOT NULL,
        "psk_id" varchar(36) NOT NULL,
        "name" varchar(64) NOT NULL,
        "agent_version" varchar(32) NOT NULL,
        "sequence" ${bigint} NOT NULL,
        "log_size" ${bigint} NOT NULL,
        "page_issued_at" ${timestamp},
        "crls" text NOT NULL,
        "management" varchar(16) NOT NULL,
        "sessions" integer,
        "sessions_cut" integer NOT NULL,
        "problems" text NOT NULL,
        "created_at" ${timestamp} NOT NULL,
        "reported_at" ${timestamp} NOT NULL,
        CONSTRAINT "server_states_pkey" PRIMARY KEY ("id"),
        CONSTRAINT "server_states_psk_id_name_key" UNIQUE ("psk_id", "name"),
        CONSTRAINT "server_states_psk_id_fkey" FOREIGN KEY ("psk_id") REFERENCES "psks" ("id"),
        CONSTRAINT "server_states_sequence_check" CHECK ("sequence" >= 0 AND "log_size" >= 0),
        CONSTRAINT "server_states_management_check"
          CHECK ("management" IN ('connected', 'unreachable', 'not_configured')),
        CONSTRAINT "server_states_sessions_check" CHECK ("sessions" IS NULL OR "sessions" >= 0),
        CONSTRAINT "server_states_sessions_cut_check" CHECK ("sessions_cut" >= 0)
      )`);
    await queryRunner.query('CREATE INDEX "server_states_created_at_idx" ON "server_states" ("created_at", "id")');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await refuseDataLoss(queryRunner, 'server_states');
    await queryRunner.query('DROP TABLE "server_states"');
  }
}
