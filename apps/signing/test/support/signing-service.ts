import type { Variables } from '@libs/config';
import { ensureDevelopmentPki } from '@libs/development';
import { createKeyPairAndCsr } from '@libs/pki';
import { type Ed25519Verifier, printVerifierKey } from '@libs/tlog';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { randomUUID } from 'node:crypto';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import request from 'supertest';
import { SigningConfig } from '../../src/config/signing.config';
import { createApp } from '../../src/create-app';
import { type FakeLogServer, writerKey } from './fake-log-server';

export const frontendKey = 'frontend-key-for-the-signing-service-in-tests';
export const passphrase = 'a passphrase for tests';

/** A PKI directory of its own, copied from one that is made once: scrypt and keys take a second. */
export class TestPki {
  private constructor(private readonly folder: string) {}

  static async create(): Promise<TestPki> {
    const folder = await mkdtemp(join(tmpdir(), 'signing-'));
    await ensureDevelopmentPki(join(folder, 'template'), passphrase);
    return new TestPki(folder);
  }

  async directory(): Promise<string> {
    const directory = join(this.folder, randomUUID());
    await cp(join(this.folder, 'template'), directory, { recursive: true, mode: 0 });
    return directory;
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** The environment of a service that speaks to the log at `url`. */
export function logVariables(directory: string, url: string, key: string, verifier: Ed25519Verifier): Variables {
  return {
    NODE_ENV: 'test',
    SIGNING_PKI_DIRECTORY: directory,
    SIGNING_KEY_PASSPHRASE: passphrase,
    SIGNING_FRONTEND_KEYS: frontendKey,
    SIGNING_CT_URL: url,
    SIGNING_CT_KEY: key,
    SIGNING_CT_VERIFIER_KEYS: printVerifierKey(verifier),
    SIGNING_CRL_POLL_SECONDS: '3600',
  };
}

/** The same for the fake log, which is never slow but when a test wants it to be. */
export function signingVariables(directory: string, log: FakeLogServer, changes: Variables = {}): Variables {
  const variables = logVariables(directory, log.url, writerKey, log.signer.verifier);
  return { ...variables, SIGNING_CT_TIMEOUT_MS: '500', ...changes };
}

/** The service, running on a free port. */
export class SigningService {
  private constructor(private readonly app: NestExpressApplication) {}

  static async start(variables: Variables): Promise<SigningService> {
    const app = await createApp(SigningConfig.from(variables));
    await app.listen(0, '127.0.0.1');
    return new SigningService(app);
  }

  get server(): Parameters<typeof request>[0] {
    return this.app.getHttpServer();
  }

  url(): Promise<string> {
    return this.app.getUrl();
  }

  get<T>(type: abstract new (...args: never[]) => T): T {
    return this.app.get(type as never);
  }

  stop(): Promise<void> {
    return this.app.close();
  }

  call(method: 'get' | 'post' | 'head', path: string): request.Test {
    return request(this.server)[method](path).set('Authorization', `Bearer ${frontendKey}`);
  }

  issue(body: object, key: string = randomUUID()): request.Test {
    return this.call('post', '/api/v1/certificates').set('Idempotency-Key', key).send(body);
  }

  revoke(fingerprint: string, reason = 'key_compromise'): request.Test {
    return this.call('post', '/api/v1/revocations').send({ fingerprint, reason });
  }

  async issued(): Promise<{ fingerprint: string; serial_number: string; certificate: string }> {
    const { body } = await this.issue(await userRequest()).expect(201);
    return body;
  }
}

export async function userRequest(
  commonName = 'Ada Lovelace',
): Promise<{ csr: string; kind: string; common_name: string }> {
  const { csrPem } = await createKeyPairAndCsr({ commonName: 'ignored', algorithm: 'P-256' });
  return { csr: csrPem, kind: 'user', common_name: commonName };
}

/** Whether any certificate is in the answer, wherever it may stand. */
export const holdsCertificate = (response: request.Response): boolean =>
  /BEGIN CERTIFICATE-|MII[A-Za-z0-9+/]{100}/.test(`${response.text} ${JSON.stringify(response.headers)}`);
