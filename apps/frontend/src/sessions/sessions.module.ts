import { AccessGuard } from '@libs/auth';
import { ServiceModule } from '@libs/http';
import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { UnitOfWorkModule } from '../database/unit-of-work.module';
import { LimitsModule } from '../limits/limits.module';
import { UsersModule } from '../users/users.module';
import { BearerGuard } from './bearer.guard';
import { BearerModule } from './bearer.module';
import { CsrfGuard } from './csrf.guard';
import { MySessionsController } from './my-sessions.controller';
import { PersonSessions } from './person-sessions.service';
import { ProviderLogout } from './provider-logout.entity';
import { ProviderLogouts } from './provider-logouts.service';
import { StoredSession } from './session.entity';
import { SessionStore } from './session.store';
import { SessionsService } from './sessions.service';

/** Guards every route of the app, in this order: who calls, whether they may, and that a page of ours sent it. */
@Module({
  imports: [
    ServiceModule,
    UnitOfWorkModule,
    UsersModule,
    BearerModule,
    LimitsModule,
    TypeOrmModule.forFeature([StoredSession, ProviderLogout]),
  ],
  controllers: [MySessionsController],
  providers: [
    SessionStore,
    SessionsService,
    PersonSessions,
    ProviderLogouts,
    { provide: APP_GUARD, useClass: BearerGuard },
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: APP_GUARD, useClass: CsrfGuard },
  ],
  exports: [SessionsService, PersonSessions, ProviderLogouts],
})
export class SessionsModule {}
