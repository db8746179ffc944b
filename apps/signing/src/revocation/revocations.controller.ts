import { ServiceCallers } from '@libs/auth';
import {
  RevokeCertificateRequest,
  type RevokedCertificateResponse,
  type RevokedCertificatesResponse,
  RevokeCertificatesRequest,
} from '@libs/contracts';
import { Refuses } from '@libs/http';
import { Body, Controller, Header, HttpCode, HttpStatus, Post } from '@nestjs/common';
import { ApiBody, ApiExtraModels, ApiTags, getSchemaPath } from '@nestjs/swagger';
import { BulkRevocationService } from './bulk-revocation.service';
import { RevocationPipe } from './revocation.pipe';
import { RevocationService } from './revocation.service';

/** Revocations, which are for ever. */
@ApiTags('revocations')
@ApiExtraModels(RevokeCertificateRequest, RevokeCertificatesRequest)
@ServiceCallers('frontend')
@Controller('api/v1/revocations')
export class RevocationsController {
  constructor(
    private readonly revocation: RevocationService,
    private readonly bulk: BulkRevocationService,
  ) {}

  /**
   * Revokes one certificate, or all of a user, a pre-shared key or an issuer, for ever; answers once the CRL names them or says that the
   * CRL is still under way.
   */
  @Post()
  @HttpCode(HttpStatus.OK)
  @Header('Cache-Control', 'no-store')
  @ApiBody({
    schema: {
      oneOf: [RevokeCertificateRequest, RevokeCertificatesRequest].map((type) => ({ $ref: getSchemaPath(type) })),
    },
  })
  @Refuses(404, 'certificate_not_found')
  @Refuses(409, 'revocation_set_changed')
  @Refuses(422, 'bulk_too_large')
  @Refuses(502, 'log_refused_entry')
  @Refuses(503, 'certtransparency_unavailable', 'log_receipt_not_verified')
  async revoke(
    @Body(RevocationPipe) request: RevokeCertificateRequest | RevokeCertificatesRequest,
  ): Promise<RevokedCertificateResponse | RevokedCertificatesResponse> {
    return 'fingerprint' in request ? this.revocation.revoke(request) : this.bulk.revoke(request);
  }
}
