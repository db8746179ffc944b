import { ServiceCallers } from '@libs/auth';
import {
  RevokeCertificateRequest,
  type RevokedCertificateResponse,
  type RevokedCertificatesResponse,
  RevokeCertificatesRequest,
} from '@libs/contracts';
import { Body, Controller, Header, HttpCode, HttpStatus, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiExtraModels, ApiTags, getSchemaPath } from '@nestjs/swagger';
import { BulkRevocationService } from './bulk-revocation.service';
import { RevocationPipe } from './revocation.pipe';
import { RevocationService } from './revocation.service';

@ApiTags('revocations')
@ApiBearerAuth()
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
  async revoke(
    @Body(RevocationPipe) request: RevokeCertificateRequest | RevokeCertificatesRequest,
  ): Promise<RevokedCertificateResponse | RevokedCertificatesResponse> {
    return 'fingerprint' in request ? this.revocation.revoke(request) : this.bulk.revoke(request);
  }
}
