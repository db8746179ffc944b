import type { PrivateContext } from '@libs/contracts';

/**
 * The context in the form in which the log commits to it: members without a value left out, and nothing at all where none is
 * left.
 */
export function compactContext(context: PrivateContext | undefined): Record<string, string> | undefined {
  const members = Object.entries(context ?? {}).filter((member): member is [string, string] => isText(member[1]));
  return members.length === 0 ? undefined : Object.fromEntries(members);
}

const isText = (value: unknown): value is string => typeof value === 'string';
