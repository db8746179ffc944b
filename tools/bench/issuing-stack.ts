import type { Variables } from '@libs/config';
import { ensureDevelopmentPki } from '@libs/development';
import { Issuer, onlyPemBlock } from '@libs/pki';
import { type Ed25519Verifier, printVerifierKey } from '@libs/tlog';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type LargeLog, loadLargeLog } from '../../test/log/support/large-log';
import { allRevoked } from '../../test/log/support/large-log.sql';
import type { Cleanup } from './log-cleanup';
import { type BenchLog, BenchServer } from './log-server';
import { ServiceProcess } from './service-process';

/** PostgreSQL, log and signing service, with secrets and data that live as long as the measurement. */
export interface IssuingStack {
  readonly certtransparency: ServiceProcess;
  readonly signing: ServiceProcess;
  /** Service key for signing. */
  readonly frontendKey: string;
  readonly server: BenchServer;
  readonly log: BenchLog;
  /** What the log was filled with beforehand, where it was. */
  readonly loaded: LargeLog | undefined;
  /** Of the log. */
  readonly verifier: Ed25519Verifier;
  /** Ends the two services. */
  readonly stop: () => Promise<void>;
}

export interface IssuingStackOptions {
  /** How many certificates of the issuer have been revoked already. */
  readonly revoked?: number;
  /** How many entries of the usual kind the log has. */
  readonly entries?: number;
}

const newSecret = (): string => randomBytes(32).toString('base64url');

/** Everything durable, as in production: what is measured includes the log's synchronous commit. */
export async function startIssuingStack(
  cleanup: Cleanup,
  { revoked = 0, entries = 0 }: IssuingStackOptions = {},
): Promise<IssuingStack> {
  const server = await BenchServer.start(cleanup);
  const log = await server.createLog('log');
  const pki = { directory: join(server.folder, 'pki'), passphrase: newSecret() };
  await ensureDevelopmentPki(pki.directory, pki.passphrase);
  if (revoked > 0) await loadRevocations(log, pki.directory, revoked);
  const loaded = entries > 0 ? await loadLargeLog(log.superuserUrl, log.signer, entries) : undefined;
  const certtransparency = await ServiceProcess.start('certtransparency', log.variables);
  cleanup.add(() => certtransparency.stop());
  const frontendKey = newSecret();
  const signing = await ServiceProcess.start('signing', signingVariables(pki, log, certtransparency.url, frontendKey));
  cleanup.add(() => signing.stop());
  const stop = async (): Promise<void> => {
    await signing.stop();
    await certtransparency.stop();
  };
  return { certtransparency, signing, server, log, loaded, frontendKey, verifier: log.signer.verifier, stop };
}

async function loadRevocations({ superuserUrl, signer }: BenchLog, directory: string, revoked: number): Promise<void> {
  const certificate = await readFile(join(directory, 'intermediate.crt'), 'utf8');
  const { spkiSha256 } = Issuer.fromCertificate(onlyPemBlock(certificate, 'CERTIFICATE'));
  await loadLargeLog(superuserUrl, signer, revoked * 2, { shape: allRevoked(spkiSha256) });
}

function signingVariables(
  pki: { readonly directory: string; readonly passphrase: string },
  { writerKey, signer }: BenchLog,
  logUrl: string,
  frontendKey: string,
): Variables {
  return {
    SIGNING_HOST: '127.0.0.1',
    SIGNING_PORT: '0',
    SIGNING_MANAGEMENT_HOST: '127.0.0.1',
    SIGNING_MANAGEMENT_PORT: '0',
    SIGNING_PKI_DIRECTORY: pki.directory,
    SIGNING_KEY_PASSPHRASE: pki.passphrase,
    SIGNING_FRONTEND_KEYS: frontendKey,
    SIGNING_CT_URL: logUrl,
    SIGNING_CT_KEY: writerKey,
    SIGNING_CT_VERIFIER_KEYS: printVerifierKey(signer.verifier),
  };
}
