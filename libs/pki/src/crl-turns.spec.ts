import { Turns } from './crl-turns';

it('a long computation lets others run between its slices', async () => {
  let others = 0;
  const count = (): void => {
    others += 1;
    next = setImmediate(count);
  };
  let next = setImmediate(count);
  const turns = new Turns(2);
  const end = performance.now() + 200;
  while (performance.now() < end) if (turns.isOver) await turns.next();
  clearImmediate(next);
  expect(others).toBeGreaterThan(3);
});

it('a short one is not interrupted', () => {
  expect(new Turns(60_000).isOver).toBe(false);
});
