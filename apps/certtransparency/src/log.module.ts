import { type DynamicModule, Module } from '@nestjs/common';
import { Readiness, ServiceModule } from '@libs/http';
import { Anchor } from './audit/anchor';
import type { CertTransparencyConfig } from './config/certtransparency.config';
import { logDataSourceOptions } from './database/data-source-options';
import { LogDatabase } from './database/log-database';
import { CheckpointSigner, MAX_QUEUED_ENTRIES, readCheckpointSigner } from './log-key';

/** What every feature of the log stands on: its database, its keys, and what it has shown. */
@Module({})
export class LogModule {
  static for(config: CertTransparencyConfig): DynamicModule {
    return {
      module: LogModule,
      imports: [ServiceModule],
      providers: [
        { provide: CheckpointSigner, useFactory: () => readCheckpointSigner(config.checkpointKeys) },
        {
          provide: Anchor,
          useFactory: (signer: CheckpointSigner) => new Anchor(config.anchorFile, signer.verifiers),
          inject: [CheckpointSigner],
        },
        { provide: MAX_QUEUED_ENTRIES, useValue: config.maxQueuedEntries },
        { provide: LogDatabase, useFactory: (readiness: Readiness) => open(config, readiness), inject: [Readiness] },
      ],
      exports: [CheckpointSigner, Anchor, MAX_QUEUED_ENTRIES, LogDatabase],
    };
  }
}

async function open(config: CertTransparencyConfig, readiness: Readiness): Promise<LogDatabase> {
  const database = await LogDatabase.open(logDataSourceOptions(config.databaseUrl, config.pool));
  readiness.register('database', async () => {
    await database.rows('SELECT size FROM ct.checkpoint ORDER BY size DESC LIMIT 1');
  });
  return database;
}
