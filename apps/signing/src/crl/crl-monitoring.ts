import { Degraded, Metrics, Readiness } from '@libs/http';
import { dayMs } from '@libs/pki';
import { Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { type CrlState, CrlStates } from './crl-states';

/**
 * Tells operators how long the CRLs last: OpenVPN refuses everybody from the moment at which one of them expires.
 *
 * A CRL that comes near its end makes the service `degraded`, and it goes on being sent requests: through them the CRL reaches the
 * servers, and no other replica has a better one. Not ready is a service only without a valid CRL of the active issuer, from which
 * nobody could have one that lets anybody in. That does not come and go: a new CRL lasts for days.
 */
@Injectable()
export class CrlMonitoring {
  constructor(
    private readonly states: CrlStates,
    metrics: Metrics,
    readiness: Readiness,
  ) {
    readiness.register('crl', () => {
      this.assertInOrder();
    });
    this.registerGauges(metrics);
  }

  private assertInOrder(): void {
    if ((this.states.active.msUntilLockOut ?? 0) <= 0) throw new Error('there is no valid CRL');
    const late = this.states.all.filter(({ isLate }) => isLate).map(({ issuer }) => issuer);
    if (late.length > 0) throw new Degraded(`the CRL is missing or comes near its end: ${late.join(', ')}`);
  }

  private registerGauges({ registry }: Metrics): void {
    const gauge = (name: string, help: string, value: (of: CrlState) => number | undefined): void => {
      const made = new Gauge({
        name,
        help,
        labelNames: ['issuer'],
        registers: [registry],
        collect: () => {
          made.reset();
          for (const state of this.states.all) {
            const observed = value(state);
            if (observed !== undefined) made.set({ issuer: state.issuer }, observed);
          }
        },
      });
    };
    gauge(
      'signing_crl_days_until_lockout',
      'Days until the CRL expires and OpenVPN servers refuse every client',
      ({ msUntilLockOut }) => (msUntilLockOut === undefined ? undefined : msUntilLockOut / dayMs),
    );
    gauge('signing_crl_number', 'Number of the CRL that is served', ({ crl }) => crl && Number(crl.number));
    gauge('signing_crl_bytes', 'Size of the CRL that is served, in DER', ({ crl }) => crl?.parsed.der.length);
    gauge(
      'signing_revoked_certificates',
      'Revoked certificates of the issuer, expired ones included',
      ({ revoked }) => revoked,
    );
  }
}
