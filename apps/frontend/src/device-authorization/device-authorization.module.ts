import { ServiceModule } from '@libs/http';
import { Module } from '@nestjs/common';
import { AccessTokensModule } from '../credentials/access-tokens.module';
import { UnitOfWorkModule } from '../database/unit-of-work.module';
import { DownloadTokensModule } from '../download-tokens/download-tokens.module';
import { LimitsModule } from '../limits/limits.module';
import { SettingsModule } from '../settings/settings.module';
import { DeviceAuthorizations } from './device-authorizations.service';
import { DeviceController } from './device.controller';
import { ProgramTokens } from './program-tokens.service';
import { TokenController } from './token.controller';

@Module({
  imports: [ServiceModule, UnitOfWorkModule, AccessTokensModule, DownloadTokensModule, SettingsModule, LimitsModule],
  controllers: [TokenController, DeviceController],
  providers: [DeviceAuthorizations, ProgramTokens],
})
export class DeviceAuthorizationModule {}
