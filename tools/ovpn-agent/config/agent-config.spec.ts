import { parseConfig } from './agent-config';

const LEAST = `
manager: https://vpn.example.org/
psk_file: /etc/ovpn-agent/psk
log_key_file: /etc/ovpn-agent/log.key
state_directory: /var/lib/ovpn-agent
crl_directory: /etc/openvpn/server/crl
`;

describe('the configuration of the agent', () => {
  it('needs little', () => {
    expect(parseConfig(LEAST)).toMatchObject({
      ...{ manager: 'https://vpn.example.org', crlDirectory: '/etc/openvpn/server/crl', crlFile: undefined },
      ...{ management: undefined, waitSeconds: 20, staleAfterSeconds: 300, crlIntervalSeconds: 60 },
    });
  });

  it.each([
    ['unix:/run/openvpn.sock', { path: '/run/openvpn.sock' }],
    ['tcp:127.0.0.1:7505', { host: '127.0.0.1', port: 7505 }],
    ['tcp:[::1]:7505', { host: '::1', port: 7505 }],
  ])('finds the management interface at %s', (text, address) => {
    expect(parseConfig(`${LEAST}management: "${text}"`).management).toEqual(address);
  });

  it('names everything that is wrong with it, at once', () => {
    const text =
      'manager: http://vpn.example.org\npsk_file: psk\nwait_seconds: 99\nmanagement: here\nspeed: 9\nname: a b';
    const attempt = () => parseConfig(text);
    for (const sentence of [
      'manager must be an https address',
      'psk_file must be an absolute path',
      'log_key_file is needed',
      'state_directory is needed',
      'crl_directory or crl_file is needed',
      'wait_seconds must be a whole number from 0 to 25',
      'management must be unix:/PATH or tcp:HOST:PORT',
      'name must be a host name',
      'speed is not known',
    ]) {
      expect(attempt).toThrow(sentence);
    }
  });

  it('needs the CAs for a file of CRLs', () => {
    expect(() => parseConfig(`${LEAST}crl_file: /etc/openvpn/server/crl.pem`)).toThrow('ca_file is needed');
  });

  it('lets the pre-shared key go over plain HTTP to this machine alone', () => {
    const at = (url: string) => () => parseConfig(LEAST.replace('https://vpn.example.org/', url));
    expect(at('http://127.0.0.1:8600')).not.toThrow();
    expect(at('http://localhost.example.org')).toThrow('https');
    expect(at('https://user@vpn.example.org')).toThrow('https');
    expect(at('vpn.example.org')).toThrow('https');
  });

  it.each(['', '- a', 'a: [', '42'])('is no list of settings when it reads %j', (text) => {
    expect(() => parseConfig(text)).toThrow('the configuration is not');
  });
});
