import { Body, Controller, Get, Header, HttpCode, HttpStatus, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ServiceCallers } from '@libs/auth';
import {
  BulkRevocationEntry,
  type BulkRevocationOutcome,
  type BulkRevocationPreview,
  BulkRevocationQuery,
} from '@libs/contracts';
import { Refuses } from '@libs/http';
import { READER, WRITER } from '../callers';
import { BulkRevocations } from './bulk-revocations';

/** Revocations: what has been revoked, and the revocation of many in one piece. */
@ApiTags('revocations')
@Controller('api/v1/revocations/bulk')
export class BulkRevocationsController {
  constructor(private readonly revocations: BulkRevocations) {}

  /** How many certificates would be revoked, and the value that confirms that it is these. */
  @Get()
  @ServiceCallers(READER, WRITER)
  @Header('Cache-Control', 'no-store')
  @Refuses(503, 'log_unavailable')
  async preview(@Query() query: BulkRevocationQuery): Promise<BulkRevocationPreview> {
    return this.revocations.preview(query);
  }

  /** Revokes all certificates of a user, a pre-shared key or an issuer, or none of them. */
  @Post()
  @ServiceCallers(WRITER)
  @HttpCode(HttpStatus.OK)
  @Header('Cache-Control', 'no-store')
  @Refuses(409, 'revocation_set_changed')
  @Refuses(422, 'bulk_too_large')
  @Refuses(503, 'log_unavailable', 'log_busy', 'log_stopping')
  async revoke(@Body() entry: BulkRevocationEntry): Promise<BulkRevocationOutcome> {
    return this.revocations.revoke(entry);
  }
}
