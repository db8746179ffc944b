import { ServiceKeyGuard } from '@libs/auth';
import { loggingModule } from '@libs/http';
import { type DynamicModule, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { SigningConfig } from './config/signing.config';
import { CrlFiles } from './crl/crl-files';
import { CrlModule } from './crl/crl.module';
import { RootCrl } from './crl/root-crl';
import type { Installation } from './installation';
import { IssuanceModule } from './issuance/issuance.module';
import { KeyStore } from './key-store/key-store';
import { KeyStoreModule } from './key-store/key-store.module';
import { LogModule } from './log/log.module';
import { ReceiptVerifier } from './log/receipt-verifier';
import { RevocationModule } from './revocation/revocation.module';

/** The one file that names every feature of the signing service. Only the frontend may call it. */
@Module({})
export class AppModule {
  static for({ config, keyStore, receipts, crlFiles, rootCrl }: Installation): DynamicModule {
    return {
      module: AppModule,
      global: true,
      imports: [
        loggingModule('signing', config.listener),
        KeyStoreModule,
        LogModule,
        CrlModule,
        IssuanceModule,
        RevocationModule,
      ],
      providers: [
        { provide: SigningConfig, useValue: config },
        { provide: KeyStore, useValue: keyStore },
        { provide: ReceiptVerifier, useValue: receipts },
        { provide: CrlFiles, useValue: crlFiles },
        { provide: RootCrl, useValue: rootCrl },
        { provide: APP_GUARD, useFactory: () => new ServiceKeyGuard({ frontend: config.frontendKeys }) },
      ],
      exports: [SigningConfig, KeyStore, ReceiptVerifier, CrlFiles, RootCrl],
    };
  }
}
