import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Retention looks for issuances whose certificate has expired, and for those that came to nothing. */
export class IndexEndedIssuances1764000405000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('CREATE INDEX "issuances_expires_at_idx" ON "issuances" ("expires_at")');
    await queryRunner.query(
      `CREATE INDEX "issuances_failed_idx" ON "issuances" ("finished_at") WHERE "state" = 'failed'`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP INDEX "issuances_failed_idx"');
    await queryRunner.query('DROP INDEX "issuances_expires_at_idx"');
  }
}
