import { StartError } from '@libs/http';
import { generateTlsCryptV2ServerKey, printTlsCryptV2ServerKey } from '@libs/openvpn';
import { Test } from '@nestjs/testing';
import { Global, Module } from '@nestjs/common';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FrontendConfig } from '../src/config/frontend.config';
import { ControlChannelKeys } from '../src/issuances/control-channel-keys';
import { TemplatesModule } from '../src/issuances/templates.module';

const SITE = {
  remote_host: 'vpn.example.org',
  remote_port: 1194,
  server_name: 'vpn.example.org',
  network: '10.8.0.0',
  netmask: '255.255.255.0',
};

@Global()
@Module({ providers: [{ provide: FrontendConfig, useValue: undefined }], exports: [FrontendConfig] })
class ConfigurationModule {}

describe('the start', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'templates-'));
    await cp(join(__dirname, '../../../examples/templates'), directory, { recursive: true });
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const newKey = () => printTlsCryptV2ServerKey(generateTlsCryptV2ServerKey());

  const start = (tlsCryptV2ServerKey = newKey()) =>
    Test.createTestingModule({ imports: [ConfigurationModule, TemplatesModule] })
      .overrideProvider(FrontendConfig)
      .useValue({ openvpn: { templatesDirectory: directory, tlsCryptV2ServerKey, site: SITE } })
      .compile();

  it('succeeds with the sample templates', async () => {
    await expect(start()).resolves.toBeDefined();
  });

  it('succeeds with several server keys, and wraps with the first', async () => {
    const [current, next] = [newKey(), newKey()];
    const keys = (await start(current + next)).get(ControlChannelKeys);
    expect(keys.forServer().key).toBe(current);
    expect(keys.rotating().map(({ key }) => key)).toEqual([current, next]);
  });

  it('stops at a broken template with one sentence: file, line and reason', async () => {
    const file = join(directory, '0050.Field.ovpn');
    await writeFile(file, 'client\ndev tun\nremote {{ site.remote_hsot }} 1194\nremote-cert-tls server\n');
    const error = await start().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(StartError);
    expect(error).toMatchObject({
      message: `A profile template cannot be used: ${file}:3: "site.remote_hsot" is undefined`,
    });
  });

  it('stops at a key that is none, without repeating it', async () => {
    const error = await start('no key at all').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(StartError);
    expect(String(error)).not.toContain('no key at all');
  });
});
