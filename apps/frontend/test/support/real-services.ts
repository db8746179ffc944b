import { randomUUID } from 'node:crypto';
import {
  type LogDatabaseFixture,
  migratedLogDatabase,
  query,
  READER_KEY,
  type RunningLog,
  startLog,
  WRITER_KEY,
} from '../../../certtransparency/test/log-fixture';
import {
  frontendKey,
  logVariables,
  SigningService,
  TestPki,
  userRequest,
} from '../../../signing/test/support/signing-service';

export interface RealCertificate {
  readonly fingerprint: string;
  readonly serial_number: string;
  readonly log_index: number;
}

/** Signing and the log as they are, for what a fake would only repeat the test's own idea of. */
export class RealServices {
  private closing: Promise<void> | undefined;

  private constructor(
    private readonly pki: TestPki,
    private readonly database: LogDatabaseFixture,
    readonly log: RunningLog,
    readonly signing: SigningService,
  ) {}

  static async start(): Promise<RealServices> {
    const [pki, database] = [await TestPki.create(), await migratedLogDatabase()];
    const log = await startLog(database);
    const variables = logVariables(await pki.directory(), log.url, WRITER_KEY, log.signer.verifier);
    return new RealServices(pki, database, log, await SigningService.start(variables));
  }

  /** For the frontend's environment. */
  async variables(): Promise<Record<string, string>> {
    return {
      FRONTEND_SIGNING_URL: await this.signing.url(),
      FRONTEND_SIGNING_KEY: frontendKey,
      FRONTEND_CT_URL: this.log.url,
      FRONTEND_CT_KEY: READER_KEY,
    };
  }

  async issue(context: object): Promise<RealCertificate> {
    const body = { ...(await userRequest()), context: { issuance_id: randomUUID(), ...context } };
    return (await this.signing.issue(body, body.context.issuance_id).expect(201)).body as RealCertificate;
  }

  /** How many of these are revoked. */
  async revoked(certificates: readonly RealCertificate[]): Promise<number> {
    const [row] = await query(
      this.database.superuserUrl,
      "SELECT count(*)::int AS count FROM ct.revocation WHERE encode(fingerprint, 'hex') = ANY ($1)",
      [certificates.map(({ fingerprint }) => fingerprint)],
    );
    return Number(row?.['count']);
  }

  /** From then on the log cannot be reached. */
  async stopLog(): Promise<void> {
    this.closing ??= this.log.close();
    await this.closing;
  }

  async stop(): Promise<void> {
    await this.signing.stop();
    await this.stopLog();
    await this.database.drop();
    await this.pki.remove();
  }
}
