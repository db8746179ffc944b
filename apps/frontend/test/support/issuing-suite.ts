import type { Principal } from '@libs/auth';
import type { TestDatabaseKind } from '@libs/testing';
import { Issuance } from '../../src/issuances/issuance.entity';
import { ReconciliationService } from '../../src/issuances/reconciliation.service';
import { type IssuingFrontend, startIssuingFrontend } from './issuing-frontend';

/** By one more than a pending issuance is left alone. */
export const LEASE_SECONDS = 121;

/** One frontend for all tests of a suite, and somebody new before each of them. */
export class IssuingSuite {
  frontend: IssuingFrontend;
  user: Principal;

  /** To be called in a `describe`, whose hooks start and stop it. */
  static on(database: TestDatabaseKind): IssuingSuite {
    const suite = new IssuingSuite();
    beforeAll(async () => {
      suite.frontend = await startIssuingFrontend(database);
    });
    beforeEach(async () => {
      suite.frontend.services.reset();
      suite.frontend.clock.set(new Date());
      suite.user = await suite.frontend.addUser();
    });
    afterAll(() => suite.frontend.close());
    return suite;
  }

  get services() {
    return this.frontend.services;
  }

  /** Those of the person. */
  issuances(): Promise<Issuance[]> {
    return this.frontend.dataSource.getRepository(Issuance).findBy({ userId: this.user.userId });
  }

  /** After what is pending has been left alone for long enough. @returns how many issuances were settled */
  async reconcile(): Promise<number> {
    this.frontend.clock.advance(LEASE_SECONDS);
    return this.frontend.app.get(ReconciliationService).reconcile();
  }
}
