import { ServiceModule } from '@libs/http';
import { Module } from '@nestjs/common';
import { CrlModule } from '../crl/crl.module';
import { LogModule } from '../log/log.module';
import { BulkRevocationService } from './bulk-revocation.service';
import { RevocationService } from './revocation.service';
import { RevocationsController } from './revocations.controller';

@Module({
  imports: [ServiceModule, LogModule, CrlModule],
  controllers: [RevocationsController],
  providers: [RevocationService, BulkRevocationService],
})
export class RevocationModule {}
