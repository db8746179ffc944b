import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a person needs to tell their sessions apart, and the identity provider to end one. */
export class AddSessionDetails1764000403000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE "sessions" ADD COLUMN "client_address" varchar(64)');
    await queryRunner.query('ALTER TABLE "sessions" ADD COLUMN "user_agent" varchar(256)');
    await queryRunner.query('ALTER TABLE "sessions" ADD COLUMN "provider_session_hash" char(64)');
    await queryRunner.query(`
      CREATE INDEX "sessions_provider_session_hash_idx" ON "sessions" ("provider_session_hash")
        WHERE "provider_session_hash" IS NOT NULL`);
  }

  /** Sessions lose what tells them apart, and go on. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP INDEX "sessions_provider_session_hash_idx"');
    for (const column of ['provider_session_hash', 'user_agent', 'client_address']) {
      await queryRunner.query(`ALTER TABLE "sessions" DROP COLUMN "${column}"`);
    }
  }
}
