import type { Clock } from '@libs/http';
import { createServer, type Server } from 'node:http';
import { Counter, Gauge, Registry } from 'prom-client';
import { ALARM_KINDS } from './alarm';
import type { RoundReport } from './monitor';

export type Outcome = 'good' | 'alarm' | 'failure';

export function outcomeOf({ alarms, failures }: RoundReport): Outcome {
  if (alarms.length > 0) return 'alarm';
  return failures.length > 0 ? 'failure' : 'good';
}

/** What a monitor tells Prometheus. No success for a while is as much of an alarm as an alarm. */
export class MonitorMetrics {
  private readonly registry = new Registry();
  private grownAt: number | undefined;
  private size = 0;
  private readonly registers = [this.registry];

  private readonly sizeGauge = new Gauge({
    name: 'ct_monitor_checkpoint_size',
    help: 'Entries in the log as far as it has been followed',
    registers: this.registers,
  });
  private readonly ageGauge = new Gauge({
    name: 'ct_monitor_checkpoint_age_seconds',
    help: 'Time since the log was last seen to grow',
    registers: this.registers,
    collect: () => {
      if (this.grownAt !== undefined) this.ageGauge.set((this.clock.now().getTime() - this.grownAt) / 1000);
    },
  });
  private readonly successGauge = new Gauge({
    name: 'ct_monitor_last_success_timestamp_seconds',
    help: 'When a round last looked at everything and found nothing',
    registers: this.registers,
  });
  private readonly alarmGauge = new Gauge({
    name: 'ct_monitor_alarms',
    help: 'Alarms of the last round',
    labelNames: ['kind'],
    registers: this.registers,
  });
  private readonly rounds = new Counter({
    name: 'ct_monitor_rounds_total',
    help: 'Rounds by what they came to',
    labelNames: ['outcome'],
    registers: this.registers,
  });

  constructor(private readonly clock: Clock) {
    for (const kind of ALARM_KINDS) this.alarmGauge.set({ kind }, 0);
  }

  record(report: RoundReport): void {
    const now = this.clock.now().getTime();
    const outcome = outcomeOf(report);
    this.rounds.inc({ outcome });
    if (outcome === 'good') this.successGauge.set(now / 1000);
    if (this.grownAt === undefined || report.size > this.size) this.grownAt = now;
    this.size = report.size;
    this.sizeGauge.set(report.size);
    for (const kind of ALARM_KINDS) {
      this.alarmGauge.set({ kind }, report.alarms.filter((alarm) => alarm.kind === kind).length);
    }
  }

  text(): Promise<string> {
    return this.registry.metrics();
  }

  get contentType(): string {
    return this.registry.contentType;
  }
}

/** Serves `/metrics`, and nothing else. */
export function metricsServer(metrics: MonitorMetrics): Server {
  return createServer((request, response) => {
    if (request.url !== '/metrics' || (request.method !== 'GET' && request.method !== 'HEAD')) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('here is /metrics\n');
      return;
    }
    metrics.text().then(
      (text) => response.writeHead(200, { 'content-type': metrics.contentType }).end(text),
      () => response.destroy(),
    );
  });
}
