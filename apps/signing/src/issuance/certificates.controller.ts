import { ServiceCallers } from '@libs/auth';
import { IssueCertificateRequest, type IssuedCertificate } from '@libs/contracts';
import { Refuses } from '@libs/http';
import { Body, Controller, Header, Headers, Post } from '@nestjs/common';
import { ApiHeader, ApiTags } from '@nestjs/swagger';
import { parseIssuanceId } from './idempotency';
import { IssuanceService } from './issuance.service';

/** Certificates, each of which stands in the log before anybody sees it. */
@ApiTags('certificates')
@ServiceCallers('frontend')
@Controller('api/v1/certificates')
export class CertificatesController {
  constructor(private readonly issuance: IssuanceService) {}

  /** Issues a certificate, or answers the one that the Idempotency-Key has already been answered with. */
  @Post()
  @Header('Cache-Control', 'no-store')
  @ApiHeader({ name: 'Idempotency-Key', required: true, description: 'UUID of the issuance' })
  @Refuses(409, 'issuance_revoked')
  @Refuses(422, 'csr_malformed', 'csr_key_not_accepted', 'csr_signature_not_accepted', 'csr_signature_invalid')
  @Refuses(422, 'certificate_not_possible', 'idempotency_key_reused')
  @Refuses(502, 'log_refused_entry')
  @Refuses(503, 'certtransparency_unavailable', 'log_receipt_not_verified', 'too_many_issuances', 'issuer_not_valid')
  async issue(
    @Headers('idempotency-key') idempotencyKey: string | undefined,
    @Body() request: IssueCertificateRequest,
  ): Promise<IssuedCertificate> {
    return this.issuance.issue(parseIssuanceId(idempotencyKey), request);
  }
}
