import { KeptAnswers } from './kept-answers';

describe('answers that are kept', () => {
  const kept = new KeptAnswers();
  kept.keep('key', { id: 'a', uses: 3, 'certificate-fingerprint': 'ab' });
  kept.keep('list', { items: [{ id: 'first' }] });

  it('stand where a text refers to them, with their type where it is nothing else', () => {
    const request = {
      path: { id: '$key.id' },
      body: [{ uses: '$key.uses' }, 'Bearer $key.id', '$list.items.0.id', null],
    };
    expect(kept.resolve(request)).toEqual({ path: { id: 'a' }, body: [{ uses: 3 }, 'Bearer a', 'first', null] });
    expect(kept.resolve('$key.certificate-fingerprint')).toBe('ab');
  });

  it('have a UUID for each name', () => {
    const [one, other] = kept.resolve(['$uuid.one', '$uuid.other']);
    expect(one).toMatch(/^[0-9a-f-]{36}$/);
    expect(other).not.toBe(one);
    expect(kept.resolve('$uuid.one')).toBe(one);
  });

  it('are missed when they are not there', () => {
    expect(() => kept.resolve({ id: '$key.secret' })).toThrow('nothing is kept as $key.secret');
    expect(() => kept.resolve('$lock.id')).toThrow('nothing is kept as $lock.id');
  });
});
