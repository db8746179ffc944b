import { ServiceModule } from '@libs/http';
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { UnitOfWorkModule } from '../database/unit-of-work.module';
import { EventsModule } from '../events/events.module';
import { SessionsModule } from '../sessions/sessions.module';
import { UserAdministration } from './user-administration.service';
import { User } from './user.entity';
import { UserSessionsController } from './user-sessions.controller';
import { UsersController } from './users.controller';
import { UsersModule } from './users.module';

/** Apart from the users themselves, whom the sessions need to know. */
@Module({
  imports: [
    ServiceModule,
    UnitOfWorkModule,
    EventsModule,
    UsersModule,
    SessionsModule,
    TypeOrmModule.forFeature([User]),
  ],
  controllers: [UsersController, UserSessionsController],
  providers: [UserAdministration],
})
export class UserAdministrationModule {}
