import { Module } from '@nestjs/common';
import { UpstreamsModule } from '../upstreams/upstreams.module';
import { CrlController } from './crl.controller';
import { CrlService } from './crl.service';

@Module({
  imports: [UpstreamsModule],
  controllers: [CrlController],
  providers: [CrlService],
  exports: [CrlService],
})
export class CrlModule {}
