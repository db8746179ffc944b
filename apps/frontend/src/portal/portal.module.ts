import { Module } from '@nestjs/common';
import { CertificatesModule } from '../certificates/certificates.module';
import { DownloadTokensModule } from '../download-tokens/download-tokens.module';
import { IssuancesModule } from '../issuances/issuances.module';
import { AssetsController } from './assets.controller';
import { MeController } from './me.controller';
import { PortalController } from './portal.controller';
import { ProfilesController } from './profiles.controller';

@Module({
  imports: [CertificatesModule, DownloadTokensModule, IssuancesModule],
  controllers: [PortalController, ProfilesController, AssetsController, MeController],
})
export class PortalModule {}
