import { type DynamicModule, Module } from '@nestjs/common';
import { ServiceModule } from '@libs/http';
import { AuditLog } from './audit-log';
import { CrlNumbersController } from './crl-numbers.controller';
import { CrlNumbers } from './crl-numbers';
import { EntriesController } from './entries.controller';
import { Sequencer } from './sequencer';
import { WriteGate } from './write-gate';

@Module({
  imports: [ServiceModule],
  controllers: [EntriesController, CrlNumbersController],
  providers: [AuditLog, Sequencer, WriteGate, CrlNumbers],
})
export class AuditModule {
  static with(log: DynamicModule, proofs: DynamicModule): DynamicModule {
    return { module: AuditModule, imports: [log, proofs] };
  }
}
