import { ServiceModule } from '@libs/http';
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { UnitOfWorkModule } from '../database/unit-of-work.module';
import { EventsModule } from '../events/events.module';
import { BearerModule } from '../sessions/bearer.module';
import { UsersModule } from '../users/users.module';
import { ApiToken } from './api-token.entity';
import { ApiTokenScheme } from './api-token-scheme';
import { ApiTokensController } from './api-tokens.controller';
import { ApiTokensService } from './api-tokens.service';

@Module({
  imports: [
    ServiceModule,
    UnitOfWorkModule,
    EventsModule,
    BearerModule,
    UsersModule,
    TypeOrmModule.forFeature([ApiToken]),
  ],
  controllers: [ApiTokensController],
  providers: [ApiTokensService, ApiTokenScheme],
})
export class ApiTokensModule {}
