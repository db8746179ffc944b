import { Clock } from '@libs/http';
import { dayMs } from '@libs/pki';
import { Injectable } from '@nestjs/common';
import { SigningConfig } from '../config/signing.config';
import { CrlPublisher } from './crl-publisher';
import type { PublishedCrl } from './published-crl';
import { RootCrl } from './root-crl';

const HOUR_MS = 3_600_000;
/** The root's CRL is signed by people, who need some days for it. */
const ROOT_WARNING_MS = 14 * dayMs;
/** So many publications have to fail one after the other before anybody is told. */
const MISSED_PUBLICATIONS = 2;

export interface CrlState {
  /** `root`, or the name of the issuer. */
  readonly issuer: string;
  readonly crl: PublishedCrl | undefined;
  /** How many certificates of the issuer have been revoked; undefined for the root, of which only its CRL is known. */
  readonly revoked: number | undefined;
  /** Until OpenVPN servers refuse everybody; undefined as long as there is no CRL. */
  readonly msUntilLockOut: number | undefined;
  /** Less than this is left, and so something does not work. */
  readonly isLate: boolean;
}

/** How the CRLs stand that the bundle is made of. */
@Injectable()
export class CrlStates {
  constructor(
    private readonly config: SigningConfig,
    private readonly publisher: CrlPublisher,
    private readonly rootCrl: RootCrl,
    private readonly clock: Clock,
  ) {}

  get active(): CrlState {
    return this.stateOf('active', this.publisher.current, this.warningMs);
  }

  get all(): readonly CrlState[] {
    const issuers = this.publisher.inUse.map(({ by, current, revokedCount }) =>
      this.stateOf(by.name, current, this.warningMs, revokedCount),
    );
    return [...issuers, this.stateOf('root', this.rootCrl.current, ROOT_WARNING_MS)];
  }

  private stateOf(issuer: string, crl: PublishedCrl | undefined, warningMs: number, revoked?: number): CrlState {
    const msUntilLockOut = crl && crl.nextUpdate.getTime() - this.clock.now().getTime();
    return { issuer, crl, revoked, msUntilLockOut, isLate: msUntilLockOut === undefined || msUntilLockOut < warningMs };
  }

  private get warningMs(): number {
    const { lifetimeHours, publishEveryHours } = this.config.crl;
    return Math.max(lifetimeHours / 4, lifetimeHours - MISSED_PUBLICATIONS * publishEveryHours) * HOUR_MS;
  }
}
