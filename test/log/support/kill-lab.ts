import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HttpLogReader, HttpSigningClient, JsonClient } from '@libs/contracts';
import { ensureDevelopmentPki } from '@libs/development';
import { openPrivateKey } from '@libs/pki';
import { generateNoteKey, printVerifierKey } from '@libs/tlog';
import {
  type LogDatabaseFixture,
  migratedLogDatabase,
  READER_KEY,
  WRITER_KEY,
} from '../../../apps/certtransparency/test/log-fixture';
import { KillableService } from './killable-service';

export const FRONTEND_KEY = 'frontend-key-of-the-kill-lab-in-tests';
const PASSPHRASE = 'a passphrase for tests';

/** Log and signing service in processes of their own, and whoever calls them. */
export class KillLab {
  readonly signer = generateNoteKey('log.test/kill-points');

  private constructor(
    private readonly folder: string,
    readonly database: LogDatabaseFixture,
  ) {}

  private services: { readonly log: KillableService; readonly signing: KillableService } | undefined;
  private clients: { readonly log: JsonClient; readonly signing: JsonClient } | undefined;

  static async start(): Promise<KillLab> {
    const folder = mkdtempSync(join(tmpdir(), 'ovpn-kill-'));
    const lab = new KillLab(folder, await migratedLogDatabase());
    await lab.startServices();
    return lab;
  }

  get log(): KillableService {
    return present(this.services).log;
  }

  get signing(): KillableService {
    return present(this.services).signing;
  }

  /** Where signing keeps its CRLs. */
  get crlFolder(): string {
    return join(this.folder, 'pki', 'crl');
  }

  get signingClient(): HttpSigningClient {
    return new HttpSigningClient(present(this.clients).signing);
  }

  get logReader(): HttpLogReader {
    return new HttpLogReader(present(this.clients).log);
  }

  async stop(): Promise<void> {
    await Promise.all([this.clients?.log.close(), this.clients?.signing.close()]);
    await this.services?.signing.stop();
    await this.services?.log.stop();
    await this.database.drop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async startServices(): Promise<void> {
    const log = await this.createLog();
    const signing = await this.createSigning(log.url);
    this.services = { log, signing };
    const client = (service: string, { url }: KillableService, key: string) =>
      new JsonClient({ baseUrl: url, key, service, timeoutMs: 10_000 });
    this.clients = {
      log: client('certtransparency', log, READER_KEY),
      signing: client('signing', signing, FRONTEND_KEY),
    };
    await log.run();
    await signing.run();
  }

  private createLog(): Promise<KillableService> {
    return KillableService.create({
      app: 'certtransparency',
      prefix: 'CT',
      variables: {
        CT_DATABASE_URL: this.database.writerUrl,
        CT_MIGRATOR_DATABASE_URL: this.database.migratorUrl,
        CT_WRITER_KEYS: WRITER_KEY,
        CT_READER_KEYS: READER_KEY,
        CT_CHECKPOINT_KEY: this.signer.printPrivateKey(),
        CT_ANCHOR_FILE: join(this.folder, 'anchor'),
      },
    });
  }

  private async createSigning(logUrl: string): Promise<KillableService> {
    const directory = join(this.folder, 'pki');
    await ensureDevelopmentPki(directory, PASSPHRASE);
    await keepKeyAsPkcs8(directory);
    return KillableService.create({
      app: 'signing',
      prefix: 'SIGNING',
      variables: {
        SIGNING_PKI_DIRECTORY: directory,
        SIGNING_KEY_PASSPHRASE: PASSPHRASE,
        SIGNING_FRONTEND_KEYS: FRONTEND_KEY,
        SIGNING_CT_URL: logUrl,
        SIGNING_CT_KEY: WRITER_KEY,
        SIGNING_CT_VERIFIER_KEYS: printVerifierKey(this.signer.verifier),
        SIGNING_CRL_POLL_SECONDS: '3600',
      },
    });
  }
}

/** It opens at once, where an envelope takes most of a second: a service that is started so often would do little else. */
async function keepKeyAsPkcs8(directory: string): Promise<void> {
  const envelope = join(directory, 'intermediate.key.json');
  const key = await openPrivateKey(readFileSync(envelope, 'utf8'), PASSPHRASE);
  const pem = key.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: PASSPHRASE });
  writeFileSync(join(directory, 'intermediate.key.pem'), pem, { mode: 0o600 });
  rmSync(envelope);
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the lab has not been started');
  return value;
}
