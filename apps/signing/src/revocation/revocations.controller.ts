import { ServiceCallers } from '@libs/auth';
import { RevokeCertificateRequest, type RevokedCertificateResponse } from '@libs/contracts';
import { Body, Controller, Header, HttpCode, HttpStatus, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { RevocationService } from './revocation.service';

@ApiTags('revocations')
@ApiBearerAuth()
@ServiceCallers('frontend')
@Controller('api/v1/revocations')
export class RevocationsController {
  constructor(private readonly revocation: RevocationService) {}

  /** Revokes a certificate for ever, and answers once the CRL names it or says that the CRL is still under way. */
  @Post()
  @HttpCode(HttpStatus.OK)
  @Header('Cache-Control', 'no-store')
  async revoke(@Body() request: RevokeCertificateRequest): Promise<RevokedCertificateResponse> {
    return this.revocation.revoke(request);
  }
}
