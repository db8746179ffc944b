import type { Variables } from '@libs/config';
import { CertTransparencyConfig } from './certtransparency.config';

const COMPLETE: Variables = {
  NODE_ENV: 'production',
  CT_DATABASE_URL: 'postgres://ct_writer@db/log',
  CT_MIGRATOR_DATABASE_URL: 'postgres://ct_migrator@db/log',
  CT_WRITER_KEYS: 'w'.repeat(40),
  CT_READER_KEYS: 'r'.repeat(40),
  CT_CHECKPOINT_KEY: 'k'.repeat(40),
  CT_ANCHOR_FILE: '/var/lib/anchor',
};

const from = (changes: Variables = {}) => CertTransparencyConfig.from({ ...COMPLETE, ...changes });

describe('the configuration of the log', () => {
  it('needs no more than this in production', () => {
    expect(from()).toMatchObject({
      anchorFile: '/var/lib/anchor',
      eraserKeys: [],
      checkpointKeys: { current: 'k'.repeat(40), next: undefined, former: [] },
      maxQueuedEntries: 4096,
    });
  });

  it('takes several keys, and an empty variable for none', () => {
    const config = from({
      CT_ERASER_KEYS: `${'e'.repeat(40)}, ${'f'.repeat(40)}`,
      CT_NEXT_CHECKPOINT_KEY: '',
      CT_FORMER_VERIFIER_KEYS: 'a,b',
    });
    expect(config.eraserKeys).toEqual(['e'.repeat(40), 'f'.repeat(40)]);
    expect(config.checkpointKeys).toMatchObject({ next: undefined, former: ['a', 'b'] });
  });

  it.each<[string, Variables, RegExp]>([
    ['no anchor in production', { CT_ANCHOR_FILE: '' }, /CT_ANCHOR_FILE is missing/],
    ['SQLite', { CT_DATABASE_URL: 'sqlite:log' }, /CT_DATABASE_URL/],
    ['a reader that could write', { CT_READER_KEYS: 'w'.repeat(40) }, /a reader could write/],
    ['a reader that could erase', { CT_ERASER_KEYS: 'r'.repeat(40) }, /another could erase/],
    ['a writer that could erase', { CT_ERASER_KEYS: 'w'.repeat(40) }, /another could erase/],
    ['a short eraser key', { CT_ERASER_KEYS: 'short' }, /CT_ERASER_KEYS must have/],
  ])('refuses %s', (_, changes, problem) => {
    expect(() => from(changes)).toThrow(problem);
  });

  it('needs no anchor outside of production', () => {
    expect(from({ NODE_ENV: 'test', CT_ANCHOR_FILE: '' }).anchorFile).toBeUndefined();
  });
});
