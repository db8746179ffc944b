import { Module } from '@nestjs/common';
import { DownloadTokensModule } from '../download-tokens/download-tokens.module';
import { IssuancesModule } from '../issuances/issuances.module';
import { MyCertificatesModule } from '../my-certificates/my-certificates.module';
import { SettingsModule } from '../settings/settings.module';
import { AssetsController } from './assets.controller';
import { PortalCertificatesController } from './certificates.controller';
import { MeController } from './me.controller';
import { PortalController } from './portal.controller';
import { ProfilesController } from './profiles.controller';

@Module({
  imports: [MyCertificatesModule, DownloadTokensModule, IssuancesModule, SettingsModule],
  controllers: [PortalController, PortalCertificatesController, ProfilesController, AssetsController, MeController],
})
export class PortalModule {}
