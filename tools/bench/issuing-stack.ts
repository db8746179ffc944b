import type { Variables } from '@libs/config';
import { ensureDevelopmentPki, startPostgres } from '@libs/development';
import { generateNoteKey, printVerifierKey } from '@libs/tlog';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { provisionLogDatabase } from '../../apps/certtransparency/src/database/provision';
import { ServiceProcess } from './service-process';

/** PostgreSQL, log and signing service, with secrets and data that live as long as the measurement. */
export interface IssuingStack {
  readonly certtransparency: ServiceProcess;
  readonly signing: ServiceProcess;
  /** Service key for signing. */
  readonly frontendKey: string;
  readonly stop: () => Promise<void>;
}

const newSecret = (): string => randomBytes(32).toString('base64url');

const listener = (prefix: string): Variables => ({
  [`${prefix}_HOST`]: '127.0.0.1',
  [`${prefix}_PORT`]: '0',
  [`${prefix}_MANAGEMENT_HOST`]: '127.0.0.1',
  [`${prefix}_MANAGEMENT_PORT`]: '0',
});

/** Everything durable, as in production: what is measured includes the log's synchronous commit. */
export async function startIssuingStack(): Promise<IssuingStack> {
  const folder = mkdtempSync(join(tmpdir(), 'ovpn-bench-'));
  // PostgreSQL may have to run as another user, who must be able to enter.
  chmodSync(folder, 0o755);
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of stops.reverse()) await end();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const postgres = await startPostgres({ dataDirectory: join(folder, 'postgres'), port: 0, durable: true });
    stops.push(postgres.stop);
    const secrets = {
      frontendKey: newSecret(),
      writerKey: newSecret(),
      logKey: generateNoteKey('bench.localhost/log'),
    };
    const certtransparency = await startLog(postgres.url, {
      CT_WRITER_KEYS: secrets.writerKey,
      CT_CHECKPOINT_KEY: secrets.logKey.printPrivateKey(),
      CT_ANCHOR_FILE: join(folder, 'anchor'),
    });
    stops.push(() => certtransparency.stop());
    const signing = await startSigning(join(folder, 'pki'), {
      SIGNING_FRONTEND_KEYS: secrets.frontendKey,
      SIGNING_CT_URL: certtransparency.url,
      SIGNING_CT_KEY: secrets.writerKey,
      SIGNING_CT_VERIFIER_KEYS: printVerifierKey(secrets.logKey.verifier),
    });
    stops.push(() => signing.stop());
    return { certtransparency, signing, frontendKey: secrets.frontendKey, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startLog(superuserUrl: string, variables: Variables): Promise<ServiceProcess> {
  const passwords = { migrator: newSecret(), writer: newSecret(), reader: newSecret(), auditor: newSecret() };
  const { writerUrl, migratorUrl } = await provisionLogDatabase(superuserUrl, passwords);
  return ServiceProcess.start('certtransparency', {
    ...listener('CT'),
    CT_DATABASE_URL: writerUrl,
    CT_MIGRATOR_DATABASE_URL: migratorUrl,
    CT_READER_KEYS: newSecret(),
    ...variables,
  });
}

async function startSigning(directory: string, variables: Variables): Promise<ServiceProcess> {
  const passphrase = newSecret();
  await ensureDevelopmentPki(directory, passphrase);
  return ServiceProcess.start('signing', {
    ...listener('SIGNING'),
    SIGNING_PKI_DIRECTORY: directory,
    SIGNING_KEY_PASSPHRASE: passphrase,
    ...variables,
  });
}
