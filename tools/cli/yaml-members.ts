import { parseDocument } from 'yaml';

/**
 * The members of a YAML file that is a mapping. Texts, lists and mappings alone: a serial number is no number, and nothing is
 * written twice or by reference. What is wrong is added to `problems`, and then there are no members.
 */
export function yamlMembers(content: Buffer, problems: string[]): ReadonlyMap<string, unknown> {
  const document = parseDocument(content.toString('utf8'), { schema: 'failsafe', uniqueKeys: true });
  const faults = [...document.errors, ...document.warnings].map(({ message }) => message.split('\n')[0] ?? message);
  problems.push(...faults);
  if (faults.length > 0) return new Map();
  try {
    const value: unknown = document.toJS({ mapAsMap: true, maxAliasCount: 0 });
    if (value instanceof Map) return value as ReadonlyMap<string, unknown>;
    problems.push('the file is not a mapping');
  } catch {
    problems.push('references (*name) are not accepted: everything stands there in full');
  }
  return new Map();
}
