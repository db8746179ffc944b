import { ServiceModule } from '@libs/http';
import { Module } from '@nestjs/common';
import { LogModule } from '../log/log.module';
import { CrlBuilder } from './crl-builder';
import { CrlDistribution } from './crl-distribution';
import { CrlMonitoring } from './crl-monitoring';
import { CrlPublisher } from './crl-publisher';
import { CrlStates } from './crl-states';
import { CrlTimer } from './crl-timer';
import { CrlController } from './crl.controller';

@Module({
  imports: [ServiceModule, LogModule],
  controllers: [CrlController],
  providers: [CrlBuilder, CrlDistribution, CrlMonitoring, CrlPublisher, CrlStates, CrlTimer],
  exports: [CrlPublisher],
})
export class CrlModule {}
