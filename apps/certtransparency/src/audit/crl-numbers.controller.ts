import { Body, Controller, Header, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { ServiceCallers } from '@libs/auth';
import { type AllocatedCrlNumber, AllocateCrlNumberRequest } from '@libs/contracts';
import { WRITER } from '../callers';
import { CrlNumbers } from './crl-numbers';

@ApiTags('crl numbers')
@ApiBearerAuth()
@ServiceCallers(WRITER)
@Controller('api/v1/crl-numbers')
export class CrlNumbersController {
  constructor(private readonly numbers: CrlNumbers) {}

  /** Number and thisUpdate for the next CRL of an issuer. */
  @Post()
  @Header('Cache-Control', 'no-store')
  async allocate(@Body() request: AllocateCrlNumberRequest): Promise<AllocatedCrlNumber> {
    return this.numbers.allocate(request.issuer);
  }
}
