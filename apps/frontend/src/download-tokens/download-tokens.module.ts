import { ServiceModule } from '@libs/http';
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DownloadToken } from './download-token.entity';
import { DownloadTokensService } from './download-tokens.service';

@Module({
  imports: [ServiceModule, TypeOrmModule.forFeature([DownloadToken])],
  providers: [DownloadTokensService],
  exports: [DownloadTokensService],
})
export class DownloadTokensModule {}
