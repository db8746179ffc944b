import { Body, Controller, Header, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ServiceCallers } from '@libs/auth';
import { type AllocatedCrlNumber, AllocateCrlNumberRequest } from '@libs/contracts';
import { Refuses } from '@libs/http';
import { WRITER } from '../callers';
import { CrlNumbers } from './crl-numbers';

/** CRL numbers, each of which is given once. */
@ApiTags('crl numbers')
@ServiceCallers(WRITER)
@Controller('api/v1/crl-numbers')
export class CrlNumbersController {
  constructor(private readonly numbers: CrlNumbers) {}

  /** Number and thisUpdate for the next CRL of an issuer. */
  @Post()
  @Header('Cache-Control', 'no-store')
  @Refuses(503, 'log_unavailable')
  async allocate(@Body() request: AllocateCrlNumberRequest): Promise<AllocatedCrlNumber> {
    return this.numbers.allocate(request.issuer);
  }
}
