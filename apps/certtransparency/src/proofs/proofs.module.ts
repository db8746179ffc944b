import { type DynamicModule, Module } from '@nestjs/common';
import { CheckpointController } from './checkpoint.controller';
import { ProofsController } from './proofs.controller';
import { Proofs } from './proofs.service';
import { TileStore } from './tile-store';
import { TilesController } from './tiles.controller';
import { Tiles } from './tiles';
import { Tree } from './tree';

@Module({
  controllers: [CheckpointController, ProofsController, TilesController],
  providers: [Proofs, Tiles, TileStore, Tree],
  exports: [Proofs, Tree],
})
export class ProofsModule {
  static with(log: DynamicModule): DynamicModule {
    return { module: ProofsModule, imports: [log] };
  }
}
