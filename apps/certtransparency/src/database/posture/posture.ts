import type { LogDatabase } from '../log-database';
import { DEFINITIONS } from './definitions';
import { EXCESSES } from './excesses';
import { MANIFEST } from './manifest';

/** One thing that is not as it must be, in the words of the database. */
export interface Finding {
  /** `missing`, `changed` or `foreign` for a definition; `privilege`, `ownership`, `membership`, `attribute`, `runtime role`, `detour`. */
  readonly kind: string;
  readonly sentence: string;
}

interface Definition extends Record<string, unknown> {
  readonly object: string;
  readonly digest: string;
}

interface Excess extends Record<string, unknown>, Finding {}

/**
 * Whether everything that keeps the log append-only is in place: triggers, constraints and functions as the migrations made
 * them, nobody with more rights than they granted, no way around. Empty when all is well.
 */
export async function postureFindings(database: Pick<LogDatabase, 'rows'>): Promise<readonly Finding[]> {
  const definitions = await database.rows<Definition>(DEFINITIONS);
  const excesses = await database.rows<Excess>(EXCESSES);
  return [...compare(definitions), ...excesses.map(({ kind, sentence }) => ({ kind, sentence }))];
}

function compare(definitions: readonly Definition[]): Finding[] {
  const there = new Map(definitions.map(({ object, digest }) => [object, digest]));
  const findings = Object.entries(expected(there)).flatMap(([object, digest]) => {
    const found = there.get(object);
    if (found === digest) return [];
    return found === undefined
      ? [{ kind: 'missing', sentence: `${object} is missing` }]
      : [{ kind: 'changed', sentence: `${object} is not what the migrations made` }];
  });
  // A trigger that nobody knows could swallow rows; other functions and constraints harm nothing by being there.
  const foreign = [...there.keys()].filter((object) => object.startsWith('trigger ') && !(object in MANIFEST));
  return [...findings, ...foreign.map((object) => ({ kind: 'foreign', sentence: `${object} is none of ours` }))];
}

/** Where the server lets nobody make event triggers, there is none of what belongs to them either. */
function expected(there: ReadonlyMap<string, string>): Readonly<Record<string, string>> {
  const isGuarded = [...there.keys()].some(isOfGuard);
  return isGuarded ? MANIFEST : Object.fromEntries(Object.entries(MANIFEST).filter(([object]) => !isOfGuard(object)));
}

function isOfGuard(object: string): boolean {
  return object.startsWith('function ct_guard.') || object.startsWith('event trigger ');
}
