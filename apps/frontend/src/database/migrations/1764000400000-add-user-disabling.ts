import { refuseLossOf, sqlTypes } from '@libs/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** An administrator may shut a person out here, whatever the identity provider says. */
export class AddUserDisabling1764000400000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const { timestamp } = sqlTypes(queryRunner);
    await queryRunner.query(`ALTER TABLE "users" ADD COLUMN "disabled_at" ${timestamp}`);
    await queryRunner.query('CREATE INDEX "users_created_at_idx" ON "users" ("created_at", "id")');
  }

  /** Whoever was shut out would be let in again. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await refuseLossOf(queryRunner, 'users', '"disabled_at" IS NOT NULL');
    await queryRunner.query('DROP INDEX "users_created_at_idx"');
    await queryRunner.query('ALTER TABLE "users" DROP COLUMN "disabled_at"');
  }
}
