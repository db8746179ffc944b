import { Desk } from './test/desk';

const desk = new Desk();
afterAll(() => desk.remove());

describe('the command line', () => {
  it.each([['--help'], ['get', '--help'], ['get', 'profile', '--help'], ['renew', '-h']])(
    'helps with %j',
    async (...argv) => {
      const { status, stdout, stderr } = await desk.run(...argv);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toMatch(/^Usage: ovpn-config/);
    },
  );

  it.each([
    ['nothing', []],
    ['an unknown command', ['fetch']],
    ['an unknown option', ['list', '--all']],
    ['a surplus argument', ['list', 'x']],
    ['nothing to renew', ['renew']],
    ['nothing to revoke', ['revoke']],
    ['one and all to revoke', ['revoke', 'x', '--all']],
    ['a reason that nobody can know', ['revoke', 'x', '--reason', 'ca_compromise']],
    ['two places of the pre-shared key', ['get', 'server-bundle', '--psk-file', 'x', '--psk-fd', '3']],
    ['a descriptor that is none', ['get', 'server-bundle', '--psk-fd', 'three']],
    ['days that are none', ['renew', 'x', '--if-expires-within', 'soon']],
    ['a pre-shared key as an argument', ['get', 'server-bundle', '--psk', 'secret']],
    ['no address of the frontend', ['list']],
  ])('makes no sense with %s', async (_, argv) => {
    const { status, stdout, stderr } = await desk.run(...argv);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).not.toBe('');
    expect(stderr).not.toMatch(/secret/);
  });
});
