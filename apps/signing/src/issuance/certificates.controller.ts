import { ServiceCallers } from '@libs/auth';
import { IssueCertificateRequest, type IssuedCertificate } from '@libs/contracts';
import { Body, Controller, Header, Headers, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiHeader, ApiTags } from '@nestjs/swagger';
import { parseIssuanceId } from './idempotency';
import { IssuanceService } from './issuance.service';

@ApiTags('certificates')
@ApiBearerAuth()
@ServiceCallers('frontend')
@Controller('api/v1/certificates')
export class CertificatesController {
  constructor(private readonly issuance: IssuanceService) {}

  /** Issues a certificate, or answers the one that the Idempotency-Key has already been answered with. */
  @Post()
  @Header('Cache-Control', 'no-store')
  @ApiHeader({ name: 'Idempotency-Key', required: true, description: 'UUID of the issuance' })
  async issue(
    @Headers('idempotency-key') idempotencyKey: string | undefined,
    @Body() request: IssueCertificateRequest,
  ): Promise<IssuedCertificate> {
    return this.issuance.issue(parseIssuanceId(idempotencyKey), request);
  }
}
