import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import { limitConnections } from '@libs/http';
import type { INestApplicationContext } from '@nestjs/common';
import { issuedEntry, TestIssuer } from '../../../apps/certtransparency/test/certificate-fixture';
import {
  type LogDatabaseFixture,
  migratedLogDatabase,
  READER_KEY,
  type RunningLog,
  startLog,
  WRITER_KEY,
} from '../../../apps/certtransparency/test/log-fixture';
import {
  frontendKey,
  logVariables,
  SigningService,
  TestPki,
  userRequest,
} from '../../../apps/signing/test/support/signing-service';
import type { SoundRequest } from '../../support/hostile/attacks';

const ERASER_KEY = 'e'.repeat(40);

/** One of the services that only others of ours call. */
export interface AttackedService {
  readonly app: Pick<INestApplicationContext, 'get'>;
  readonly url: string;
  /** A request that the route would carry out. @param known whether it has the key of a caller who may */
  readonly sound: (route: string, known: boolean) => Promise<SoundRequest>;
}

/** Signing and the log as they are, with something in them. */
export class AttackedServices {
  private constructor(
    private readonly pki: TestPki,
    private readonly database: LogDatabaseFixture,
    private readonly runningLog: RunningLog,
    private readonly runningSigning: SigningService,
    private readonly issuer: TestIssuer,
    private readonly url: string,
    private readonly issued: { readonly fingerprint: string },
  ) {}

  static async start(): Promise<AttackedServices> {
    const [pki, database, issuer] = await Promise.all([TestPki.create(), migratedLogDatabase(), TestIssuer.create()]);
    const log = await startLog(database, { variables: { CT_ERASER_KEYS: ERASER_KEY, CT_LOG_LEVEL: 'error' } });
    const variables = logVariables(await pki.directory(), log.url, WRITER_KEY, log.signer.verifier);
    const signing = await SigningService.start({ ...variables, SIGNING_LOG_LEVEL: 'error' });
    for (const server of [log.app.getHttpServer(), signing.server]) limitConnections(server as Server);
    const url = await signing.url();
    // The first CRL is on its way when a service starts.
    await signing.call('post', '/api/v1/crl').expect(200);
    return new AttackedServices(pki, database, log, signing, issuer, url, await signing.issued());
  }

  get signing(): AttackedService {
    const app = { get: this.runningSigning.get.bind(this.runningSigning) } as AttackedService['app'];
    return { app, url: this.url, sound: (route, known) => this.soundForSigning(route, known) };
  }

  get log(): AttackedService {
    const { app, url } = this.runningLog;
    return { app, url, sound: (route, known) => this.soundForLog(route, known) };
  }

  async stop(): Promise<void> {
    await this.runningSigning.stop();
    await this.runningLog.close();
    await this.database.drop();
    await this.pki.remove();
  }

  private async soundForSigning(route: string, known: boolean): Promise<SoundRequest> {
    const issuanceId = randomUUID();
    const isOrder = route === 'POST /api/v1/certificates';
    return {
      ...{ path: {}, query: {} },
      headers: { ...(known ? bearer(frontendKey) : {}), ...(isOrder ? { 'idempotency-key': issuanceId } : {}) },
      body: isOrder
        ? { ...(await userRequest()), validity_days: 7, context: { issuance_id: issuanceId, comment: 'x' } }
        : { fingerprint: this.issued.fingerprint, reason: 'superseded', context: { comment: 'x' } },
    };
  }

  private async soundForLog(route: string, known: boolean): Promise<SoundRequest> {
    const key = route.includes('erasures') ? ERASER_KEY : route.startsWith('GET') ? READER_KEY : WRITER_KEY;
    return {
      path: { path: '0/000.p/1', fingerprint: this.issued.fingerprint },
      query: this.queryFor(route),
      headers: known ? bearer(key) : {},
      body: await this.bodyFor(route),
    };
  }

  private queryFor(route: string): Readonly<Record<string, string>> {
    if (route.includes('inclusion')) return { fingerprint: this.issued.fingerprint };
    if (route.includes('consistency')) return { from: '1', to: '1' };
    if (route.includes('bulk')) return { issuer: this.issuer.id };
    return route.endsWith('/revocations') ? { since: '0' } : {};
  }

  private async bodyFor(route: string): Promise<object> {
    if (route.includes('entries')) {
      const certificate = await this.issuer.certificate();
      const entry = issuedEntry(certificate, { issuance_id: randomUUID(), comment: 'x' });
      return route.endsWith('batch') ? { entries: [entry] } : entry;
    }
    if (route.includes('erasures')) return { indexes: [0], reason: 'asked for', actor: 'user:x' };
    if (route.includes('context-proofs')) return { index: 0, salt: `${'A'.repeat(43)}=`, context: '{}' };
    if (!route.includes('bulk')) return { issuer: this.issuer.id };
    return { issuer: 'ab'.repeat(32), reason: 'superseded', revoked_at: new Date().toISOString(), context: {} };
  }
}

function bearer(key: string): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${key}` };
}
