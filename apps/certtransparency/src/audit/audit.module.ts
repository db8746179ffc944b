import { type DynamicModule, Module } from '@nestjs/common';
import { ServiceModule } from '@libs/http';
import { AuditLog } from './audit-log';
import { BatchWriter } from './batch-writer';
import { BulkRevocationsController } from './bulk-revocations.controller';
import { BulkRevocations } from './bulk-revocations';
import { ContextErasuresController } from './context-erasures.controller';
import { ContextErasures } from './context-erasures';
import { ContextProofsController } from './context-proofs.controller';
import { CrlNumbersController } from './crl-numbers.controller';
import { CrlNumbers } from './crl-numbers';
import { EntriesController } from './entries.controller';
import { HistoryCheck } from './history-check';
import { KeyRotation } from './key-rotation';
import { PostureWatch } from './posture-watch';
import { SequencerMetrics } from './sequencer-metrics';
import { Sequencer } from './sequencer';
import { WriteGate } from './write-gate';

@Module({
  imports: [ServiceModule],
  controllers: [
    EntriesController,
    BulkRevocationsController,
    CrlNumbersController,
    ContextErasuresController,
    ContextProofsController,
  ],
  providers: [
    AuditLog,
    BatchWriter,
    BulkRevocations,
    ContextErasures,
    CrlNumbers,
    HistoryCheck,
    KeyRotation,
    PostureWatch,
    Sequencer,
    SequencerMetrics,
    WriteGate,
  ],
})
export class AuditModule {
  static with(log: DynamicModule, proofs: DynamicModule): DynamicModule {
    return { module: AuditModule, imports: [log, proofs] };
  }
}
