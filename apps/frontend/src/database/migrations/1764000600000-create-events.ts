import { refuseDataLoss, sqlTypes } from '@libs/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What administrators changed. An API token is named without a foreign key: it may be deleted, what was done with it stays. */
export class CreateEvents1764000600000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const { timestamp } = sqlTypes(queryRunner);
    await queryRunner.query(`
      CREATE TABLE "events" (
        "id" varchar(36) NOT NULL,
        "created_at" ${timestamp} NOT NULL,
        "actor_id" varchar(36) NOT NULL,
        "api_token_id" varchar(36),
        "action" varchar(64) NOT NULL,
        "object_type" varchar(32) NOT NULL,
        "object_id" varchar(128) NOT NULL,
        "request_id" varchar(128),
        "details" text NOT NULL,
        CONSTRAINT "events_pkey" PRIMARY KEY ("id"),
        CONSTRAINT "events_actor_id_fkey" FOREIGN KEY ("actor_id") REFERENCES "users" ("id"),
        CONSTRAINT "events_object_id_check" CHECK (length("object_id") > 0),
        CONSTRAINT "events_details_check" CHECK (length("details") <= 4000)
      )`);
    await queryRunner.query('CREATE INDEX "events_created_at_idx" ON "events" ("created_at", "id")');
    await queryRunner.query('CREATE INDEX "events_actor_id_idx" ON "events" ("actor_id", "created_at", "id")');
    await queryRunner.query('CREATE INDEX "events_object_id_idx" ON "events" ("object_id", "created_at", "id")');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await refuseDataLoss(queryRunner, 'events');
    await queryRunner.query('DROP TABLE "events"');
  }
}
