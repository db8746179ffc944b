import 'reflect-metadata';
import { boot, listen } from '@libs/http';
import type { Variables } from '@libs/config';
import { SigningConfig } from './config/signing.config';
import { createApp } from './create-app';

void boot('signing', async () => {
  const config = SigningConfig.from(await variables());
  return listen(await createApp(config), config.listener);
});

/** A developer's start needs no environment: what it does not say is made on the spot. */
async function variables(): Promise<Variables> {
  if ((process.env['NODE_ENV'] ?? 'development') !== 'development') return process.env;
  const { prepareSigning } = await import('@libs/development');
  return (await prepareSigning(process.env)).variables;
}
