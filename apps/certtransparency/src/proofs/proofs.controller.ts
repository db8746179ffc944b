import { Controller, Get, Header, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ServiceCallers } from '@libs/auth';
import { Answers, Refuses } from '@libs/http';
import type { Request, Response } from 'express';
import { READER, WRITER } from '../callers';
import { ConsistencyQuery, type ConsistencyResponse, InclusionQuery, type InclusionResponse } from './proofs.dto';
import { Proofs } from './proofs.service';

/** Proofs that the log holds what it says, for whoever does not believe it. */
@ApiTags('proofs')
@ServiceCallers(READER, WRITER)
@Controller('api/v1/proofs')
export class ProofsController {
  constructor(private readonly proofs: Proofs) {}

  /**
   * Proof that a certificate stands in the log: a receipt (C2SP tlog-proof) under the latest checkpoint or that of the
   * given size; as JSON, without a checkpoint, for any size.
   */
  @Get('inclusion')
  @Answers(200, { description: 'The proof.', content: ['text/plain'], json: 'InclusionResponse' })
  @Refuses(404, 'certificate_not_found', 'checkpoint_not_found', 'entry_not_covered')
  @Refuses(503, 'log_unavailable')
  async inclusion(
    @Query() { fingerprint, size }: InclusionQuery,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    response.set('Cache-Control', 'no-store').vary('Accept');
    if (request.accepts(['text/plain', 'application/json']) === 'application/json') {
      response.json(inclusionResponse(await this.proofs.inclusion(fingerprint, size)));
      return;
    }
    response.type('text/plain').send(await this.proofs.certificateReceipt(fingerprint, size));
  }

  /** Proof that the newer log begins with all of the older one; the sizes need not be those of checkpoints. */
  @Get('consistency')
  @Header('Cache-Control', 'no-store')
  @Refuses(404, 'checkpoint_not_found')
  @Refuses(503, 'log_unavailable')
  async consistency(@Query() query: ConsistencyQuery): Promise<ConsistencyResponse> {
    const { from, to, hashes } = await this.proofs.consistency(query.from, query.to);
    return { from, to, hashes: hashes.map((hash) => hash.toString('base64')) };
  }
}

function inclusionResponse({ index, size, hashes }: Awaited<ReturnType<Proofs['inclusion']>>): InclusionResponse {
  return { index, size, hashes: hashes.map((hash) => hash.toString('base64')) };
}
