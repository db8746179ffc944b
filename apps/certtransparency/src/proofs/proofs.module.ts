import { type DynamicModule, Module } from '@nestjs/common';
import { CheckpointController } from './checkpoint.controller';
import { ProofsController } from './proofs.controller';
import { Proofs } from './proofs.service';
import { Tree } from './tree';

@Module({ controllers: [CheckpointController, ProofsController], providers: [Proofs, Tree], exports: [Proofs] })
export class ProofsModule {
  static with(log: DynamicModule): DynamicModule {
    return { module: ProofsModule, imports: [log] };
  }
}
