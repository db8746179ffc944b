import { refuseLossOf } from '@libs/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** From where a PSK may be used, and labels to find it by; both JSON. */
export class AddPskNetworks1764000500000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "psks" ADD COLUMN "allowed_networks" text NOT NULL DEFAULT '[]'`);
    await queryRunner.query(`ALTER TABLE "psks" ADD COLUMN "labels" text NOT NULL DEFAULT '{}'`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await refuseLossOf(queryRunner, 'psks', `"allowed_networks" <> '[]' OR "labels" <> '{}'`);
    await queryRunner.query('ALTER TABLE "psks" DROP COLUMN "labels"');
    await queryRunner.query('ALTER TABLE "psks" DROP COLUMN "allowed_networks"');
  }
}
