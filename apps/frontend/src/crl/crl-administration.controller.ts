import { CurrentUser, Roles } from '@libs/auth';
import type { Principal } from '@libs/auth';
import type { RebuiltCrlResponse } from '@libs/contracts';
import { Refuses } from '@libs/http';
import { Controller, Get, Header, HttpCode, HttpStatus, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CrlAdministration } from './crl-administration.service';
import type { CrlStateResponse } from './crl-state';

/** The state of the CRLs, for administrators. */
@ApiTags('CRL')
@Controller('api/v1/admin/crl')
export class CrlAdministrationController {
  constructor(private readonly crl: CrlAdministration) {}

  /** The CRLs that are served, and how many days are left until OpenVPN refuses everybody. */
  @Get()
  @Roles('auditor')
  @Header('Cache-Control', 'no-store')
  @Refuses(503, 'signing_unavailable')
  async state(): Promise<CrlStateResponse> {
    return this.crl.state();
  }

  /** Has new CRLs made now. */
  @Post()
  @Roles('certificate_administrator')
  @HttpCode(HttpStatus.OK)
  @Header('Cache-Control', 'no-store')
  @Refuses(503, 'signing_unavailable')
  async rebuild(@CurrentUser() user: Principal): Promise<RebuiltCrlResponse> {
    return this.crl.rebuild(user);
  }
}
