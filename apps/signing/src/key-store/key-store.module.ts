import { Logger, Module, type OnModuleInit } from '@nestjs/common';
import { ChainController } from './chain.controller';
import { KeyStore } from './key-store';

/** The key store itself is open before the application is made; what is to be said about it waits for the application's log. */
@Module({ controllers: [ChainController] })
export class KeyStoreModule implements OnModuleInit {
  private readonly logger = new Logger('KeyStore');

  constructor(private readonly keyStore: KeyStore) {}

  onModuleInit(): void {
    for (const { name, issuer, warning } of this.keyStore.issuers) {
      const active = name === this.keyStore.active.name;
      this.logger.log({ msg: 'issuer opened', issuer: name, active, not_after: issuer.notAfter.toISOString() });
      if (warning !== undefined) this.logger.warn({ msg: 'issuer with a warning', issuer: name, warning });
    }
  }
}
