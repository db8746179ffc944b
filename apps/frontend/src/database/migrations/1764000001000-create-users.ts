import { refuseDataLoss, sqlTypes } from '@libs/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateUsers1764000001000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const { timestamp } = sqlTypes(queryRunner);
    await queryRunner.query(`
      CREATE TABLE "users" (
        "id" varchar(36) NOT NULL,
        "issuer" varchar(255) NOT NULL,
        "subject" varchar(255) NOT NULL,
        "name" varchar(200) NOT NULL,
        "email" varchar(254),
        "groups" text NOT NULL,
        "created_at" ${timestamp} NOT NULL,
        "last_login_at" ${timestamp} NOT NULL,
        CONSTRAINT "users_pkey" PRIMARY KEY ("id"),
        CONSTRAINT "users_issuer_subject_key" UNIQUE ("issuer", "subject")
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await refuseDataLoss(queryRunner, 'users');
    await queryRunner.query('DROP TABLE "users"');
  }
}
