import { Module } from '@nestjs/common';
import { Clock, SystemClock } from './clock';
import { Metrics } from './metrics';
import { Readiness } from './readiness';

/** What features of every app may inject: the clock, the readiness register, the metrics registry. */
@Module({
  providers: [Readiness, Metrics, { provide: Clock, useClass: SystemClock }],
  exports: [Readiness, Metrics, Clock],
})
export class ServiceModule {}
