import { Module } from '@nestjs/common';
import { ChainController } from './chain.controller';

/** The key store itself is open before the application is made. */
@Module({ controllers: [ChainController] })
export class KeyStoreModule {}
