import { gzipSync } from 'node:zlib';
import { buffer } from 'node:stream/consumers';
import { type Header, pack } from 'tar-stream';
import { newDeviceKey } from './device-key';
import { withServerKey } from './server-files';

async function archive(
  ...entries: readonly (Partial<Header> & { name: string } & { text?: string })[]
): Promise<Buffer> {
  const tar = pack();
  for (const { text = '', ...header } of entries) tar.entry(header, text);
  tar.finalize();
  return gzipSync(await buffer(tar));
}

describe('a bundle', () => {
  it.each([
    ['a path', { name: '../server.crt' }],
    ['an absolute path', { name: '/etc/passwd' }],
    ['a folder', { name: 'folder/server.crt' }],
    ['a hidden file', { name: '.bashrc' }],
    ['a link', { name: 'server.crt', type: 'symlink' as const, linkname: '/etc/shadow' }],
    ['a device', { name: 'server.crt', type: 'character-device' as const }],
  ])('with %s is not unpacked', async (_, entry) => {
    const key = await newDeviceKey('P-256');
    await expect(withServerKey(await archive(entry), key)).rejects.toMatchObject({
      status: 6,
      message: expect.stringMatching(/something else than plain files/),
    });
  });

  it('is not unpacked when it is cut off, empty, names a file twice, or came with a key', async () => {
    const key = await newDeviceKey('P-256');
    const whole = await archive({ name: 'server.crt', text: 'x'.repeat(5000) });
    const twice = await archive({ name: 'a' }, { name: 'a' });
    const withKey = await archive({ name: 'server.crt' }, { name: 'server.key' });
    for (const bytes of [
      whole.subarray(0, 40),
      Buffer.alloc(0),
      Buffer.from('no gzip'),
      twice,
      withKey,
      await archive(),
    ]) {
      await expect(withServerKey(bytes, key)).rejects.toMatchObject({ status: 6 });
    }
  });
});
