import { randomUUID } from 'node:crypto';
import { testDatabases } from '@libs/testing';
import request from 'supertest';
import { READER_KEY } from '../../../apps/certtransparency/test/log-fixture';
import { Issuance, type IssuanceState } from '../../../apps/frontend/src/issuances/issuance.entity';
import { ReconciliationService } from '../../../apps/frontend/src/issuances/reconciliation.service';
import type { CreatedPskResponse } from '../../../apps/frontend/src/psks/psk.dto';
import { Psk } from '../../../apps/frontend/src/psks/psk.entity';
import { type IssuingFrontend, startIssuingFrontend } from '../../../apps/frontend/test/support/issuing-frontend';
import { FRONTEND_KEY } from './kill-lab';

const LEASE_SECONDS = 3600;

/** A frontend in front of services that die, and a machine that asks it for profiles with a pre-shared key. */
export class LabFrontend {
  private constructor(
    private readonly frontend: IssuingFrontend,
    private readonly psk: CreatedPskResponse,
  ) {}

  static async start(signingUrl: string, logUrl: string): Promise<LabFrontend> {
    const [sqlite] = testDatabases();
    if (sqlite === undefined) throw new Error('there is no database for tests');
    const frontend = await startIssuingFrontend(sqlite, {
      FRONTEND_SIGNING_URL: signingUrl,
      FRONTEND_SIGNING_KEY: FRONTEND_KEY,
      FRONTEND_CT_URL: logUrl,
      FRONTEND_CT_KEY: READER_KEY,
      FRONTEND_ISSUANCE_LEASE_SECONDS: String(LEASE_SECONDS),
    });
    const { body } = await request(frontend.server)
      .post('/api/v1/admin/psks')
      .set(frontend.as(await frontend.addUser()))
      .send({ kind: 'computer', common_name: `kiosk ${randomUUID().slice(0, 8)}` })
      .expect(201);
    return new LabFrontend(frontend, body as CreatedPskResponse);
  }

  /** Asks once; whether it was answered with a profile. Nobody asks again. */
  async askForProfile(): Promise<boolean> {
    const { status } = await request(this.frontend.server)
      .get('/api/v1/computer/bundle')
      .set('Authorization', `Bearer ${this.psk.secret}`);
    return status === 200;
  }

  /** What time does: the leases of abandoned issuances run out, and reconciliation finds out how they ended. */
  async settle(): Promise<void> {
    this.frontend.clock.advance(LEASE_SECONDS);
    await this.frontend.app.get(ReconciliationService).reconcile();
  }

  /** Of each issuance in this state its certificate's fingerprint; null where there is none. */
  async certificates(state: IssuanceState): Promise<readonly (string | null)[]> {
    const issuances = await this.frontend.dataSource.getRepository(Issuance).findBy({ state });
    return issuances.map(({ fingerprint }) => fingerprint);
  }

  /** How many uses the pre-shared key has paid with. */
  async usesOfPsk(): Promise<number> {
    const { id } = this.psk;
    return (await this.frontend.dataSource.getRepository(Psk).findOneByOrFail({ id })).uses;
  }

  /**
   * How many it had to pay with: for each profile, and for each certificate that turned up after nobody had answered. Where signing
   * answered that it gave up, the use was given back with that answer.
   */
  async usesToPay(): Promise<number> {
    const issuances = this.frontend.dataSource.getRepository(Issuance);
    return issuances.countBy([{ state: 'issued' }, { state: 'superseded', errorCode: 'abandoned' }]);
  }

  async close(): Promise<void> {
    await this.frontend.close();
  }
}
