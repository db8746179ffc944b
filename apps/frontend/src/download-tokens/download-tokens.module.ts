import { ServiceModule } from '@libs/http';
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { UnitOfWorkModule } from '../database/unit-of-work.module';
import { DownloadToken } from './download-token.entity';
import { DownloadTokensService } from './download-tokens.service';

@Module({
  imports: [ServiceModule, UnitOfWorkModule, TypeOrmModule.forFeature([DownloadToken])],
  providers: [DownloadTokensService],
  exports: [DownloadTokensService],
})
export class DownloadTokensModule {}
