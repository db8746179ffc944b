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

interface Entry {
  readonly name: string;
  readonly mode: string;
  readonly type: string;
  readonly content: string;
}

async function entriesOf(bundle: ServerBundle): Promise<Entry[]> {
  const entries: Entry[] = [];
  const reader = extract();
  Readable.from([gunzipSync(await packServerBundle(bundle))]).pipe(reader);
  for await (const entry of reader) {
    const { name, mode, type } = entry.header;
    entries.push({ name, mode: mode.toString(8), type, content: await text(entry) });
  }
  return entries;
}

describe('a server bundle', () => {
  it('is flat, in a fixed order, with only the keys secret', async () => {
    expect(await entriesOf(BUNDLE)).toEqual([
      { name: 'ca-chain.crt', mode: '644', type: 'file', content: 'INTERMEDIATE\nROOT\n' },
      { name: 'server.crt', mode: '644', type: 'file', content: 'LEAF\nINTERMEDIATE\n# receipt\n' },
      { name: 'server.key', mode: '600', type: 'file', content: 'KEY\n' },
      { name: 'tls-crypt-v2.key', mode: '600', type: 'file', content: 'TLS\n' },
      { name: 'crl.pem', mode: '644', type: 'file', content: 'CRL\n' },
      { name: 'Default.0001.ovpn', mode: '644', type: 'file', content: 'one\n' },
      { name: 'Default.0002.ovpn', mode: '644', type: 'file', content: 'two\n' },
    ]);
  });

  it('has every server key under its own name while there are several', async () => {
    const rotatingKeys = [
      { id: '01234567', key: 'TLS' },
      { id: '89abcdef', key: 'NEXT' },
    ];
    const entries = await entriesOf({ ...BUNDLE, rotatingKeys });
    expect(entries).toHaveLength(9);
    expect(entries.slice(5, 7)).toEqual([
      { name: 'tls-crypt-v2.01234567.key', mode: '600', type: 'file', content: 'TLS\n' },
      { name: 'tls-crypt-v2.89abcdef.key', mode: '600', type: 'file', content: 'NEXT\n' },
    ]);
  });

  it('has the same bytes for the same content', async () => {
    const first = await packServerBundle(BUNDLE);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect((await packServerBundle(BUNDLE)).equals(first)).toBe(true);
  });
});
