import { ServiceModule } from '@libs/http';
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { PsksModule } from '../psks/psks.module';
import { UpstreamsModule } from '../upstreams/upstreams.module';
import { AdminServersController } from './admin-servers.controller';
import { RevocationRelay } from './revocation-relay';
import { RevocationWatch } from './revocation-watch';
import { ServerLagService } from './server-lag.service';
import { ServerState } from './server-state.entity';
import { ServersController } from './servers.controller';
import { ServersService } from './servers.service';

@Module({
  imports: [ServiceModule, UpstreamsModule, PsksModule, TypeOrmModule.forFeature([ServerState])],
  controllers: [ServersController, AdminServersController],
  providers: [RevocationRelay, RevocationWatch, ServerLagService, ServersService],
})
export class ServersModule {}
