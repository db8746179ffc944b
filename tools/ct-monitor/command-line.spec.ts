import { parseCommandLine } from './command-line';

const BASE = ['--log', 'http://127.0.0.1:8800/', '--state', 'state.json'];

describe('the command line of the monitor', () => {
  it('fills in what is not said', () => {
    expect(parseCommandLine([...BASE, '--listen', '9999'])).toEqual({
      log: 'http://127.0.0.1:8800',
      state: 'state.json',
      keys: [],
      keyFiles: [],
      crlUrls: [],
      caFiles: [],
      graceSeconds: 300,
      intervalSeconds: 60,
      listen: { host: '127.0.0.1', port: 9999 },
    });
    expect(parseCommandLine([...BASE, '--once'])?.intervalSeconds).toBeUndefined();
    expect(parseCommandLine(['--help'])).toBeUndefined();
  });

  it.each([
    [[]],
    [['--log', 'nowhere', '--state', 'x']],
    [['--log', 'http://log.example']],
    [[...BASE, '--interval', 'x']],
    [[...BASE, '--grace', '999999']],
    [[...BASE, '--grace', '-1']],
    [[...BASE, '--listen', 'x']],
    [[...BASE, '--listen', '70000']],
    [[...BASE, '--crl', 'http://vpn.example/crl.pem']],
    [[...BASE, '--once', '--interval', '5']],
    [[...BASE, '--nonsense']],
  ])('refuses %j', (argv) => {
    expect(() => parseCommandLine(argv)).toThrow(/ct-monitor --help/);
  });
});
