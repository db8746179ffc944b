import { Controller, Get, Header, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { ServiceCallers } from '@libs/auth';
import { READER, WRITER } from '../callers';
import { ConsistencyQuery, ConsistencyResponse, InclusionQuery } from './proofs.dto';
import { Proofs } from './proofs.service';

@ApiTags('proofs')
@ApiBearerAuth()
@ServiceCallers(READER, WRITER)
@Controller('api/v1/proofs')
export class ProofsController {
  constructor(private readonly proofs: Proofs) {}

  /** Receipt of a certificate's issued entry (C2SP tlog-proof). */
  @Get('inclusion')
  @Header('Content-Type', 'text/plain; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  @ApiOkResponse({ content: { 'text/plain': {} } })
  async inclusion(@Query() query: InclusionQuery): Promise<string> {
    return this.proofs.certificateReceipt(query.fingerprint, query.size);
  }

  /** Proof that the newer log begins with all of the older one. */
  @Get('consistency')
  @Header('Cache-Control', 'no-store')
  @ApiOkResponse({ type: ConsistencyResponse })
  async consistency(@Query() query: ConsistencyQuery): Promise<ConsistencyResponse> {
    const { from, to, hashes } = await this.proofs.consistency(query.from, query.to);
    return { from, to, hashes: hashes.map((hash) => hash.toString('base64')) };
  }
}
