import type { PageQuery } from '@libs/contracts';
import { InvalidRequest } from '@libs/http';
import type { Request } from 'express';
import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';

export type PageRequest = Pick<PageQuery, 'limit' | 'cursor'>;

export interface CursorPage<T> {
  readonly items: readonly T[];
  /** Null on the last page. */
  readonly nextCursor: string | null;
}

interface Position {
  readonly createdAt: Date;
  readonly id: string;
}

const DEFAULT_LIMIT = 50;

/**
 * A page of the newest rows first. The cursor is the last row's position, not a count, so that a page costs the same at
 * any depth and rows that arrive meanwhile shift nothing.
 *
 * @throws InvalidRequest when the cursor is not one of ours
 */
export async function pageOf<T extends ObjectLiteral & Position>(
  query: SelectQueryBuilder<T>,
  alias: string,
  { limit = DEFAULT_LIMIT, cursor }: PageRequest,
): Promise<CursorPage<T>> {
  if (cursor !== undefined) {
    const { createdAt, id } = decode(cursor);
    query.andWhere(`(${alias}.createdAt < :createdAt OR (${alias}.createdAt = :createdAt AND ${alias}.id < :id))`, {
      createdAt,
      id,
    });
  }
  const rows = await query
    .orderBy(`${alias}.createdAt`, 'DESC')
    .addOrderBy(`${alias}.id`, 'DESC')
    .take(limit + 1)
    .getMany();
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > limit && last !== undefined ? encode(last) : null };
}

/** RFC 8288 target of the next page: the request's own address with another cursor. */
export function nextLink({ path, query }: Pick<Request, 'path' | 'query'>, cursor: string): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (name !== 'cursor' && typeof value === 'string') parameters.set(name, value);
  }
  parameters.set('cursor', cursor);
  return `<${path}?${parameters.toString()}>; rel="next"`;
}

function encode({ createdAt, id }: Position): string {
  return Buffer.from(`${String(createdAt.getTime())}:${id}`).toString('base64url');
}

function decode(cursor: string): Position {
  const [, milliseconds, id] = /^(\d{1,15}):([\w-]{1,36})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (milliseconds === undefined || id === undefined) {
    throw new InvalidRequest([{ field: 'cursor', message: 'cursor must be a next_cursor of this list' }]);
  }
  return { createdAt: new Date(Number(milliseconds)), id };
}
