/**
 * What came of a statement, for writer, reader, migrator, migrator as owner, owner and superuser in this order, with blanks
 * between: the SQLSTATE of its refusal (42501 by privileges, CT010 and CT011 by triggers, CT012 by event triggers);
 * `nothing`, it was carried out and changed nothing of the log; `through`, it did what it was meant to; `-`, not tried.
 */
export type Outcomes = string;

/** Statements that all come to the same. */
export interface AttackGroup {
  readonly about: string;
  readonly statements: readonly string[];
  readonly shipped: Outcomes;
  /** Without a trigger: privileges alone. */
  readonly bare: Outcomes;
  /** With every privilege on every table: triggers alone. */
  readonly open: Outcomes;
}

export const REFUSED_TO_ALL_BUT_OWNERS = '42501 42501 42501 through through through';
export const REFUSED_TO_ALL_BUT_SUPERUSERS = '42501 42501 42501 42501 42501 through';
