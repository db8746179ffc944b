import { ServiceModule } from '@libs/http';
import { Module } from '@nestjs/common';
import { BearerModule } from '../sessions/bearer.module';
import { UsersModule } from '../users/users.module';
import { AccessTokens } from './access-tokens.service';

@Module({ imports: [ServiceModule, BearerModule, UsersModule], providers: [AccessTokens], exports: [AccessTokens] })
export class AccessTokensModule {}
