import type { Harm } from './harms/harm';
import { HARMS_TO_CONTEXTS } from './harms/to-contexts';
import { HARMS_TO_ENTRIES } from './harms/to-entries';
import { HARMS_TO_PROJECTIONS } from './harms/to-projections';
import { HARMS_TO_THE_TREE } from './harms/to-the-tree';
import { HARMS_TO_THE_WHOLE } from './harms/to-the-whole';
import { TamperLab, type Tampering } from './tamper-fixture';

const HARMS: readonly Harm[] = [
  ...HARMS_TO_ENTRIES,
  ...HARMS_TO_THE_WHOLE,
  ...HARMS_TO_THE_TREE,
  ...HARMS_TO_PROJECTIONS,
  ...HARMS_TO_CONTEXTS,
];

let lab: TamperLab;

beforeAll(async () => {
  lab = await TamperLab.open();
});

afterAll(() => lab.close());

function tamper({ how, kept, undo }: Harm) {
  // What changes no root cannot differ from a checkpoint that was kept: then one look is enough.
  const checkpoints = kept === undefined ? (['kept'] as const) : (['kept', 'none'] as const);
  const harm = (tampering: Tampering) => (typeof how === 'string' ? tampering.client.query(how) : how(tampering));
  return lab.tamper(harm, checkpoints, undo);
}

function verdict(found: readonly string[]) {
  return { status: found.length === 0 ? 0 : 1, found: [...found].sort() };
}

describe('a superuser with triggers off', () => {
  it('who does nothing is not suspected', async () => {
    expect(await lab.tamper(() => Promise.resolve(), ['kept', 'none'])).toEqual([verdict([]), verdict([])]);
  });

  it.each(HARMS)('is found out to $name', async (harm) => {
    const { finds, kept } = harm;
    const expected =
      kept === undefined ? [verdict(finds)] : [verdict([...finds, `kept checkpoint ${kept}`]), verdict(finds)];
    expect(await tamper(harm)).toEqual(expected);
  });

  it('escapes without a checkpoint that was kept only by cutting the tail or with the stolen key', () => {
    const escapes = HARMS.filter(({ finds }) => finds.length === 0).map(({ name }) => name);
    expect(escapes).toEqual([
      'rewrite everything with the stolen key, one certificate less',
      'rewrite everything with the stolen key, as long as it was',
      'cut the tail off',
      'empty the log',
    ]);
    expect(HARMS.every(({ finds, kept }) => finds.length > 0 || kept !== undefined)).toBe(true);
  });
});
