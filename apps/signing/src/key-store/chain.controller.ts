import { ServiceCallers } from '@libs/auth';
import type { ChainResponse } from '@libs/contracts';
import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { KeyStore } from './key-store';

/** The chain of the active issuer. */
@ApiTags('chain')
@Controller('api/v1/chain')
@ServiceCallers('frontend')
export class ChainController {
  constructor(private readonly keyStore: KeyStore) {}

  /** The certificates above every certificate that is issued now. */
  @Get()
  chain(): ChainResponse {
    const [intermediate, root] = this.keyStore.chainOf(this.keyStore.active);
    return { intermediate, root };
  }
}
