import { refuseDataLoss, sqlTypes } from '@libs/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Certificates that others take the place of, and when they are to be revoked. */
export class CreateRenewals1764000505000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const { timestamp } = sqlTypes(queryRunner);
    // A renewal is claimed before the issuance that carries it out is inserted: checked at COMMIT.
    await queryRunner.query(`
      CREATE TABLE "renewals" (
        "issuance_id" varchar(36) NOT NULL,
        "renewed_by" varchar(36) NOT NULL,
        "created_at" ${timestamp} NOT NULL,
        "due_at" ${timestamp},
        "lease_until" ${timestamp},
        "finished_at" ${timestamp},
        CONSTRAINT "renewals_pkey" PRIMARY KEY ("issuance_id"),
        CONSTRAINT "renewals_renewed_by_key" UNIQUE ("renewed_by"),
        CONSTRAINT "renewals_issuance_id_fkey" FOREIGN KEY ("issuance_id") REFERENCES "issuances" ("id"),
        CONSTRAINT "renewals_renewed_by_fkey" FOREIGN KEY ("renewed_by") REFERENCES "issuances" ("id")
          DEFERRABLE INITIALLY DEFERRED,
        CONSTRAINT "renewals_other_check" CHECK ("issuance_id" <> "renewed_by"),
        CONSTRAINT "renewals_due_check" CHECK (
          ("due_at" IS NULL) = ("lease_until" IS NULL) AND ("finished_at" IS NULL OR "due_at" IS NOT NULL)
        )
      )`);
    await queryRunner.query(
      'CREATE INDEX "renewals_lease_until_idx" ON "renewals" ("lease_until") WHERE "finished_at" IS NULL',
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await refuseDataLoss(queryRunner, 'renewals');
    await queryRunner.query('DROP TABLE "renewals"');
  }
}
