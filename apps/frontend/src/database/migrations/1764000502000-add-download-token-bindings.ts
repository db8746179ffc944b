import { refuseLossOf, sqlTypes } from '@libs/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A link's device, the S256 challenge that binds it to the program which asked, and what happened after it was spent. */
export class AddDownloadTokenBindings1764000502000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const { timestamp } = sqlTypes(queryRunner);
    const columns = [
      '"device_name" varchar(64)',
      '"code_challenge" varchar(43)',
      `"exchanged_at" ${timestamp}`,
      '"reuse_count" integer NOT NULL DEFAULT 0',
      `"last_reused_at" ${timestamp}`,
      '"last_reused_from" varchar(64)',
    ];
    for (const column of columns) await queryRunner.query(`ALTER TABLE "download_tokens" ADD COLUMN ${column}`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const loses = '"device_name" IS NOT NULL OR "code_challenge" IS NOT NULL OR "reuse_count" > 0';
    await refuseLossOf(queryRunner, 'download_tokens', loses);
    const columns = [
      'last_reused_from',
      'last_reused_at',
      'reuse_count',
      'exchanged_at',
      'code_challenge',
      'device_name',
    ];
    for (const column of columns) await queryRunner.query(`ALTER TABLE "download_tokens" DROP COLUMN "${column}"`);
  }
}
