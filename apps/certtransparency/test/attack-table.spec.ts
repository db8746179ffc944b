import { ACTORS, AttackRange } from './attack-fixture';
import type { AttackGroup } from './attacks/attack';
import { ATTACKS_ON_DEFINITIONS } from './attacks/on-definitions';
import { ATTACKS_ON_RIGHTS } from './attacks/on-rights';
import { ATTACKS_ON_ROWS } from './attacks/on-rows';

const GROUPS: readonly AttackGroup[] = [...ATTACKS_ON_ROWS, ...ATTACKS_ON_DEFINITIONS, ...ATTACKS_ON_RIGHTS];

const RUNS = [
  ['as shipped', 'shipped', () => Promise.resolve()],
  ['with triggers dropped', 'bare', (range: AttackRange) => range.dropTriggers()],
  ['with privileges granted', 'open', (range: AttackRange) => range.grantEverything()],
] as const;

describe.each(RUNS)('the log %s', (_, run, prepare) => {
  let range: AttackRange;
  let before: unknown;

  beforeAll(async () => {
    range = await AttackRange.open();
    await prepare(range);
    before = await range.digest();
  });

  afterAll(() => range.close());

  it.each(GROUPS)('under attack by $about', async (group) => {
    const expected = Object.fromEntries(group.statements.map((sql) => [sql, group[run]]));
    const outcomes: Record<string, string> = {};
    for (const sql of group.statements) outcomes[sql] = await attackByAll(sql, group[run].split(' '));
    expect(outcomes).toEqual(expected);
  });

  it('is what it was, to the byte', async () => {
    expect(await range.digest()).toEqual(before);
  });

  async function attackByAll(sql: string, expected: readonly string[]): Promise<string> {
    const outcomes: string[] = [];
    for (const [i, actor] of ACTORS.entries()) {
      const outcome = expected[i] ?? '';
      outcomes.push(outcome === '-' ? '-' : await range.attack(actor, sql, outcome));
    }
    return outcomes.join(' ');
  }
});

it('the table is large enough', () => {
  const statements = GROUPS.flatMap((group) => group.statements);
  expect(new Set(statements).size).toBe(statements.length);
  expect(statements.length).toBeGreaterThan(57);
});
