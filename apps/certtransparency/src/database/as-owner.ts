import type { QueryRunner } from 'typeorm';
import { OWNER_ROLE } from './roles';

/**
 * Runs a migration's statements as the owner of the log, so that no other role ever owns a part of it. The migrator itself
 * has none of the owner's rights before and after.
 */
export async function asOwner(queryRunner: QueryRunner, work: () => Promise<void>): Promise<void> {
  await queryRunner.query(`SET LOCAL ROLE ${OWNER_ROLE}`);
  await work();
  await queryRunner.query('RESET ROLE');
}
