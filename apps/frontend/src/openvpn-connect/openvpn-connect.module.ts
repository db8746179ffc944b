import { ServiceModule } from '@libs/http';
import { Module } from '@nestjs/common';
import { DownloadTokensModule } from '../download-tokens/download-tokens.module';
import { IssuancesModule } from '../issuances/issuances.module';
import { SettingsModule } from '../settings/settings.module';
import { UpstreamsModule } from '../upstreams/upstreams.module';
import { OpenvpnConnectController } from './openvpn-connect.controller';
import { ProfileFreshness } from './profile-freshness.service';

@Module({
  imports: [ServiceModule, UpstreamsModule, IssuancesModule, DownloadTokensModule, SettingsModule],
  controllers: [OpenvpnConnectController],
  providers: [ProfileFreshness],
})
export class OpenvpnConnectModule {}
