import { RevokeCertificateRequest, RevokeCertificatesRequest } from '@libs/contracts';
import { validationPipe } from '@libs/http';
import { Injectable, type PipeTransform } from '@nestjs/common';

/** One certificate, by its fingerprint, or many: the global pipe knows one class for a parameter, not two. */
@Injectable()
export class RevocationPipe implements PipeTransform<
  unknown,
  Promise<RevokeCertificateRequest | RevokeCertificatesRequest>
> {
  private readonly pipe = validationPipe();

  async transform(body: unknown): Promise<RevokeCertificateRequest | RevokeCertificatesRequest> {
    const isMany = typeof body === 'object' && body !== null && ['user', 'psk', 'issuer'].some((name) => name in body);
    const metatype = isMany ? RevokeCertificatesRequest : RevokeCertificateRequest;
    return (await this.pipe.transform(body, { type: 'body', metatype })) as
      RevokeCertificateRequest | RevokeCertificatesRequest;
  }
}
