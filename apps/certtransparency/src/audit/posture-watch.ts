import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Metrics, Readiness } from '@libs/http';
import { Gauge } from 'prom-client';
import { LogDatabase } from '../database/log-database';
import { type Finding, postureFindings } from '../database/posture/posture';

const EVERY_MS = 60_000;

/** Looks every minute whether the database still keeps the log append-only; a finding makes the service not ready. */
@Injectable()
export class PostureWatch implements OnApplicationShutdown {
  private readonly logger = new Logger('Posture');
  private readonly gauge: Gauge<'kind' | 'finding'>;
  private findings: readonly Finding[] | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: LogDatabase,
    readiness: Readiness,
    metrics: Metrics,
  ) {
    this.gauge = new Gauge({
      name: 'ct_posture_finding',
      help: 'Things that weaken the append-only log in its database: each is 1 while it lasts',
      labelNames: ['kind', 'finding'],
      registers: [metrics.registry],
    });
    readiness.register('posture', () => {
      if (this.findings?.length !== 0) throw new Error('the database does not protect the log as it should');
    });
  }

  /** Looks once and from then on every minute. */
  async start(): Promise<readonly Finding[]> {
    this.timer ??= setInterval(() => void this.look().catch((error: unknown) => this.failed(error)), EVERY_MS).unref();
    return this.look();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private async look(): Promise<readonly Finding[]> {
    const findings = await postureFindings(this.database);
    const known = new Set(this.findings?.map(({ sentence }) => sentence));
    this.gauge.reset();
    for (const { kind, sentence } of findings) {
      this.gauge.set({ kind, finding: sentence }, 1);
      if (!known.has(sentence)) this.logger.error({ msg: 'posture finding', kind, finding: sentence });
    }
    if (findings.length === 0 && known.size > 0) this.logger.log({ msg: 'posture restored' });
    this.findings = findings;
    return findings;
  }

  /** What was found last still counts; that the database does not answer is told by its own check. */
  private failed(error: unknown): void {
    this.logger.warn({ msg: 'posture not checked', err: error });
  }
}
