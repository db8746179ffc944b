import { ConfigurationError, StartError } from '@libs/config';
import { boot } from './boot';

describe('a start that fails', () => {
  let printed: string;
  let exit: jest.SpyInstance;

  beforeEach(() => {
    printed = '';
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
      printed += String(text);
      return true;
    });
    exit = jest.spyOn(process, 'exit').mockImplementation((() => undefined) as never);
  });

  afterEach(() => jest.restoreAllMocks());

  it.each<[Error, string]>([
    [new StartError('The schema is newer.'), 'frontend cannot start. The schema is newer.\n'],
    [
      new ConfigurationError(['A is missing']),
      'frontend cannot start. The configuration is not usable:\n  - A is missing\n',
    ],
  ])('says %s in one sentence and ends the process', async (error, text) => {
    await boot('frontend', () => Promise.reject(error));
    expect(printed).toBe(text);
    expect(exit).toHaveBeenCalledWith(1);
  });

  it('shows the stack of what nobody foresaw', async () => {
    await boot('frontend', () => Promise.reject(new Error('unforeseen')));
    expect(printed).toMatch(/unforeseen\n\s+at /);
  });

  it('is silent otherwise', async () => {
    await boot('frontend', () => Promise.resolve());
    expect(printed).toBe('');
    expect(exit).not.toHaveBeenCalled();
  });
});
