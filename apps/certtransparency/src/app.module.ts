import { type DynamicModule, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { ServiceKeyGuard } from '@libs/auth';
import { loggingModule, ServiceModule } from '@libs/http';
import { AuditModule } from './audit/audit.module';
import { ERASER, READER, WRITER } from './callers';
import type { CertTransparencyConfig } from './config/certtransparency.config';
import { LogModule } from './log.module';
import { ProofsModule } from './proofs/proofs.module';
import { SearchModule } from './search/search.module';

/** The one file that names every feature of the log. */
@Module({})
export class AppModule {
  static for(config: CertTransparencyConfig): DynamicModule {
    // Modules are told apart by reference: each of these exists once.
    const log = LogModule.for(config);
    const proofs = ProofsModule.with(log);
    return {
      module: AppModule,
      imports: [
        loggingModule('certtransparency', config.listener),
        ServiceModule,
        log,
        proofs,
        AuditModule.with(log, proofs),
        SearchModule.with(log, proofs),
      ],
      providers: [
        {
          provide: APP_GUARD,
          useFactory: () =>
            new ServiceKeyGuard({
              [WRITER]: config.writerKeys,
              [READER]: config.readerKeys,
              [ERASER]: config.eraserKeys,
            }),
        },
      ],
    };
  }
}
