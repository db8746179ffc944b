import { Module } from '@nestjs/common';
import { IssuancesModule } from '../issuances/issuances.module';
import { LimitsModule } from '../limits/limits.module';
import { UsersModule } from '../users/users.module';
import { DownloadTokensModule } from './download-tokens.module';
import { DownloadsController } from './downloads.controller';
import { DownloadsService } from './downloads.service';

@Module({
  imports: [DownloadTokensModule, IssuancesModule, UsersModule, LimitsModule],
  controllers: [DownloadsController],
  providers: [DownloadsService],
})
export class DownloadsModule {}
