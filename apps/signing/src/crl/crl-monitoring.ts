import { Clock, Metrics, Readiness } from '@libs/http';
import { dayMs } from '@libs/pki';
import { Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { CrlPublisher } from './crl-publisher';
import type { PublishedCrl } from './published-crl';
import { RootCrl } from './root-crl';

/** Tells operators how long the CRLs last: OpenVPN refuses everybody from the moment at which one of them expires. */
@Injectable()
export class CrlMonitoring {
  constructor(
    private readonly publisher: CrlPublisher,
    private readonly root: RootCrl,
    private readonly clock: Clock,
    metrics: Metrics,
    readiness: Readiness,
  ) {
    readiness.register('crl', () => {
      if ((this.daysUntilLockOut(this.publisher.current) ?? 0) <= 0) throw new Error('there is no valid CRL');
    });
    this.registerGauges(metrics);
  }

  private daysUntilLockOut(crl: PublishedCrl | undefined): number | undefined {
    return crl && (crl.nextUpdate.getTime() - this.clock.now().getTime()) / dayMs;
  }

  private registerGauges({ registry }: Metrics): void {
    const crls = { intermediate: () => this.publisher.current, root: () => this.root.current } as const;
    const observe = (gauge: Gauge<'issuer'>, value: (crl: PublishedCrl) => number | undefined): void => {
      for (const [issuer, current] of Object.entries(crls)) {
        const crl = current();
        const observed = crl && value(crl);
        if (observed !== undefined) gauge.set({ issuer }, observed);
      }
    };
    const days = new Gauge({
      name: 'signing_crl_days_until_lockout',
      help: 'Days until the CRL expires and OpenVPN servers refuse every client',
      labelNames: ['issuer'],
      registers: [registry],
      collect: () => {
        observe(days, (crl) => this.daysUntilLockOut(crl));
      },
    });
    const number = new Gauge({
      name: 'signing_crl_number',
      help: 'Number of the CRL that is served',
      labelNames: ['issuer'],
      registers: [registry],
      collect: () => {
        observe(number, (crl) => Number(crl.number));
      },
    });
  }
}
