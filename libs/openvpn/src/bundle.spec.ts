import { Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { text } from 'node:stream/consumers';
import { extract } from 'tar-stream';
import { packServerBundle } from './bundle';
import type { ServerBundle } from './bundle';

const BUNDLE: ServerBundle = {
  root: 'ROOT',
  intermediate: 'INTERMEDIATE\n',
  certificate: 'LEAF\n\n',
  privateKey: 'KEY',
  controlChannel: { kind: 'tls-crypt-v2', key: 'TLS' },
  crl: 'CRL',
  comments: '# receipt\n',
  configurations: [
    { name: 'Default.0001.ovpn', text: 'one\n' },
    { name: 'Default.0002.ovpn', text: 'two\n' },
  ],
};

describe('a server bundle', () => {
  it('is flat, in a fixed order, with only the keys secret', async () => {
    const entries: { name: string; mode: string; content: string; type: string }[] = [];
    const reader = extract();
    Readable.from([gunzipSync(await packServerBundle(BUNDLE))]).pipe(reader);
    for await (const entry of reader) {
      const { name, mode, type } = entry.header;
      entries.push({ name, mode: mode.toString(8), type, content: await text(entry) });
    }
    expect(entries).toEqual([
      { name: 'ca-chain.crt', mode: '644', type: 'file', content: 'INTERMEDIATE\nROOT\n' },
      { name: 'server.crt', mode: '644', type: 'file', content: 'LEAF\nINTERMEDIATE\n# receipt\n' },
      { name: 'server.key', mode: '600', type: 'file', content: 'KEY\n' },
      { name: 'tls-crypt-v2.key', mode: '600', type: 'file', content: 'TLS\n' },
      { name: 'crl.pem', mode: '644', type: 'file', content: 'CRL\n' },
      { name: 'Default.0001.ovpn', mode: '644', type: 'file', content: 'one\n' },
      { name: 'Default.0002.ovpn', mode: '644', type: 'file', content: 'two\n' },
    ]);
  });

  it('has the same bytes for the same content', async () => {
    const first = await packServerBundle(BUNDLE);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect((await packServerBundle(BUNDLE)).equals(first)).toBe(true);
  });
});
