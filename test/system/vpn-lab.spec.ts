import { execFileSync } from 'node:child_process';
import { VpnLab } from './support/vpn-lab';

const namespaces = () => execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' }).split('\n').sort();

describe('the network that the system tests use', () => {
  it('joins two hosts, and leaves nothing behind', async () => {
    const before = namespaces();
    const [one, other] = [VpnLab.create(), VpnLab.create()];
    try {
      expect(one.ping('client', one.addressOf('server'))).toBe(true);
      expect(other.ping('server', other.addressOf('client'))).toBe(true);
      expect(one.ping('client', '10.8.0.1')).toBe(false);
    } finally {
      await one.close();
      await other.close();
    }
    expect(namespaces()).toEqual(before);
  });
});
