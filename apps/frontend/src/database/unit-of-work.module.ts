import { UnitOfWork } from '@libs/database';
import { Module } from '@nestjs/common';

/** One unit of work for all features: on SQLite it is the queue in which they wait for each other. */
@Module({ providers: [UnitOfWork], exports: [UnitOfWork] })
export class UnitOfWorkModule {}
