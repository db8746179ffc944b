import { ConfigurationError, EnvironmentReader, type Variables } from './environment-reader';
import { FailPoints } from './fail-points';

const points = () => new FailPoints(['before-append', 'after-append']);

function setting(value: string | undefined, environment = 'test') {
  const variables: Variables = { NODE_ENV: environment, FAIL_POINT: value };
  const env = new EnvironmentReader(variables);
  const result = points().setting(env, 'FAIL_POINT');
  env.finish();
  return result;
}

describe('fail points', () => {
  let killed: jest.SpyInstance;

  beforeEach(() => {
    killed = jest.spyOn(process, 'kill').mockReturnValue(true);
  });

  afterEach(() => killed.mockRestore());

  it('are armed by name and visit', () => {
    expect(setting('after-append')).toEqual({ name: 'after-append', visit: 1 });
    expect(setting('after-append:20')).toEqual({ name: 'after-append', visit: 20 });
    expect(setting(undefined)).toBeUndefined();
  });

  it.each(['elsewhere', 'after-append:0', 'after-append:x', ':3'])('are not armed by %s', (value) => {
    expect(() => setting(value)).toThrow(ConfigurationError);
  });

  it('are refused in production, whatever they say', () => {
    expect(() => setting('after-append', 'production')).toThrow(/production refuses it/);
    expect(setting(undefined, 'production')).toBeUndefined();
  });

  it('kill the process at the visit that was named, and at no other place', () => {
    const armed = points();
    armed.arm({ name: 'after-append', visit: 3 });
    for (let visit = 0; visit < 2; visit += 1) armed.reach('after-append');
    for (let visit = 0; visit < 5; visit += 1) armed.reach('before-append');
    expect(killed).not.toHaveBeenCalled();
    armed.reach('after-append');
    expect(killed).toHaveBeenCalledWith(process.pid, 'SIGKILL');
  });

  it('do nothing unless they are armed', () => {
    const unarmed = points();
    unarmed.reach('after-append');
    unarmed.arm(undefined);
    unarmed.reach('after-append');
    expect(killed).not.toHaveBeenCalled();
  });
});
