import { AccessGuard } from '@libs/auth';
import { ServiceModule } from '@libs/http';
import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { UsersModule } from '../users/users.module';
import { CsrfGuard } from './csrf.guard';
import { StoredSession } from './session.entity';
import { SessionStore } from './session.store';
import { SessionsService } from './sessions.service';

/** Guards every route of the app: who may call it, and that a page of ours sent it. */
@Module({
  imports: [ServiceModule, UsersModule, TypeOrmModule.forFeature([StoredSession])],
  providers: [
    SessionStore,
    SessionsService,
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: APP_GUARD, useClass: CsrfGuard },
  ],
  exports: [SessionsService],
})
export class SessionsModule {}
