import { refuseLossOf, sqlTypes } from '@libs/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a person calls the device, which request an issuance answers, and when we learned of its certificate's revocation. */
export class AddIssuanceDevices1764000501000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const { timestamp } = sqlTypes(queryRunner);
    await queryRunner.query('ALTER TABLE "issuances" ADD COLUMN "device_name" varchar(64)');
    await queryRunner.query('ALTER TABLE "issuances" ADD COLUMN "idempotency_hash" char(64)');
    await queryRunner.query('ALTER TABLE "issuances" ADD COLUMN "request_hash" char(64)');
    await queryRunner.query(`ALTER TABLE "issuances" ADD COLUMN "revoked_at" ${timestamp}`);
    // What failed, or was made and revoked because nobody received it, may be asked for again under the same key.
    await queryRunner.query(`
      CREATE UNIQUE INDEX "issuances_idempotency_hash_key" ON "issuances" ("idempotency_hash")
      WHERE "idempotency_hash" IS NOT NULL AND "state" IN ('pending', 'issued')`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const loses = '"device_name" IS NOT NULL OR "idempotency_hash" IS NOT NULL OR "revoked_at" IS NOT NULL';
    await refuseLossOf(queryRunner, 'issuances', loses);
    await queryRunner.query('DROP INDEX "issuances_idempotency_hash_key"');
    for (const column of ['revoked_at', 'request_hash', 'idempotency_hash', 'device_name']) {
      await queryRunner.query(`ALTER TABLE "issuances" DROP COLUMN "${column}"`);
    }
  }
}
