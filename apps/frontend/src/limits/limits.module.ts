import { ServiceModule } from '@libs/http';
import { Module } from '@nestjs/common';
import { UnitOfWorkModule } from '../database/unit-of-work.module';
import { FailedCredentials } from './failed-credentials.service';
import { Limits } from './limits.service';
import { TokenBuckets } from './token-buckets';

@Module({
  imports: [ServiceModule, UnitOfWorkModule],
  providers: [TokenBuckets, Limits, FailedCredentials],
  exports: [Limits, FailedCredentials],
})
export class LimitsModule {}
