import { Module } from '@nestjs/common';
import { BearerSchemes } from './bearer-schemes';

/** Apart from the sessions, so that a feature can register its scheme and the guard can know them all. */
@Module({ providers: [BearerSchemes], exports: [BearerSchemes] })
export class BearerModule {}
