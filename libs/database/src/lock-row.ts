import type { EntityManager, EntityTarget, ObjectLiteral } from 'typeorm';
import { dialectOf } from './dialect';

/**
 * Makes units of work that name the same row follow each other: the others wait until this one has ended. Rows may refer to
 * it meanwhile. On SQLite a unit of work has the whole database to itself anyway.
 */
export async function lockRow<T extends ObjectLiteral>(
  manager: EntityManager,
  entity: EntityTarget<T>,
  id: string,
): Promise<void> {
  if (dialectOf(manager.connection) === 'sqlite') return;
  await manager
    .createQueryBuilder(entity, 'row')
    .setLock('for_no_key_update')
    .where('"row"."id" = :id', { id })
    .getOne();
}
