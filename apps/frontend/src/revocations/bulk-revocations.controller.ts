import { CurrentUser, Roles } from '@libs/auth';
import type { Principal } from '@libs/auth';
import { InvalidRequest, Refuses } from '@libs/http';
import { Body, Controller, Header, HttpCode, HttpStatus, Post, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { requestContextOf } from '../issuances/request-context';
import { BulkRevocationDto, dryRunResponse } from './bulk-revocation.dto';
import type { BulkRevocationDryRunResponse, BulkRevocationResponse } from './bulk-revocation.dto';
import { BulkCriteria } from './bulk-criteria.service';
import { BulkRevocations } from './bulk-revocations.service';

/** The revocation of many certificates in one piece. */
@ApiTags('Revocations')
@Controller('api/v1/admin/revocations')
export class BulkRevocationsController {
  constructor(
    private readonly criteria: BulkCriteria,
    private readonly revocations: BulkRevocations,
  ) {}

  /**
   * Revokes every certificate of a user, a pre-shared key or an issuer that is neither revoked nor expired: all or none. Unless told
   * otherwise it is a dry run, whose confirmation the real call repeats.
   */
  @Post()
  @Roles('certificate_administrator')
  @HttpCode(HttpStatus.OK)
  @Header('Cache-Control', 'no-store')
  @Refuses(404, 'psk_not_found')
  @Refuses(409, 'revocation_fuse_exceeded', 'revocation_set_changed')
  @Refuses(422, 'bulk_too_large')
  @Refuses(503, 'signing_unavailable', 'certtransparency_unavailable')
  async revoke(
    @Body() body: BulkRevocationDto,
    @CurrentUser() user: Principal,
    @Req() request: Request,
  ): Promise<BulkRevocationDryRunResponse | BulkRevocationResponse> {
    const criterion = await this.criteria.of(body);
    const { dry_run: isDryRun, reason, comment, confirmation, override_fuse: overrideFuse } = body;
    if (isDryRun) return dryRunResponse(await this.revocations.preview(criterion));
    if (reason === undefined || confirmation === undefined) throw new InvalidRequest([MISSING]);
    const order = { reason, comment, confirmation, overrideFuse };
    const revoked = await this.revocations.revoke(criterion, order, user, requestContextOf(request));
    return { dry_run: false, ...revoked };
  }
}

/** The validation has said so before. */
const MISSING = { field: 'confirmation', message: 'reason and confirmation are required unless dry_run is true' };
