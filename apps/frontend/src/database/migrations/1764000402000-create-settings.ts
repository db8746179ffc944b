import { refuseLossOf, sqlTypes } from '@libs/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** One row: what administrators have set, over the defaults that the code has. */
export class CreateSettings1764000402000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const { timestamp } = sqlTypes(queryRunner);
    await queryRunner.query(`
      CREATE TABLE "settings" (
        "id" integer NOT NULL,
        "version" integer NOT NULL,
        "chosen" text NOT NULL,
        "updated_at" ${timestamp},
        "updated_by" varchar(36),
        CONSTRAINT "settings_pkey" PRIMARY KEY ("id"),
        CONSTRAINT "settings_updated_by_fkey" FOREIGN KEY ("updated_by") REFERENCES "users" ("id"),
        CONSTRAINT "settings_id_check" CHECK ("id" = 1),
        CONSTRAINT "settings_version_check" CHECK ("version" >= 1),
        CONSTRAINT "settings_updated_check" CHECK (
          ("version" = 1) = ("updated_at" IS NULL) AND ("updated_at" IS NULL) = ("updated_by" IS NULL)
        )
      )`);
    await queryRunner.query(`INSERT INTO "settings" ("id", "version", "chosen") VALUES (1, 1, '{}')`);
  }

  /** The row that was never changed is no loss. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await refuseLossOf(queryRunner, 'settings', '"version" > 1');
    await queryRunner.query('DROP TABLE "settings"');
  }
}
