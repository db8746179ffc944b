import type { CallOptions, JsonClient } from '../json-client';
import type {
  ChainResponse,
  IssueCertificateRequest,
  IssuedCertificate,
  RevokeCertificateRequest,
  RevokedCertificateResponse,
} from './certificates.dto';

/** The signing service as the frontend sees it. Errors are those of JsonClient. */
export abstract class SigningClient {
  /** @param issuanceId UUID, the idempotency key: the same id and body give the same certificate */
  abstract issue(
    issuanceId: string,
    request: IssueCertificateRequest,
    options?: CallOptions,
  ): Promise<IssuedCertificate>;
  abstract revoke(request: RevokeCertificateRequest, options?: CallOptions): Promise<RevokedCertificateResponse>;
  /** DER of the active issuer's CRL. */
  abstract crlDer(options?: CallOptions): Promise<Buffer>;
  /** PEM bundle of the CRLs of every issuer in use and of the root. */
  abstract crlPem(options?: CallOptions): Promise<Buffer>;
  abstract chain(options?: CallOptions): Promise<ChainResponse>;
}

export class HttpSigningClient extends SigningClient {
  constructor(private readonly http: JsonClient) {
    super();
  }

  async issue(issuanceId: string, request: IssueCertificateRequest, options?: CallOptions): Promise<IssuedCertificate> {
    return this.http.post<IssuedCertificate>('/api/v1/certificates', request, {
      ...options,
      headers: { ...options?.headers, 'idempotency-key': issuanceId },
    });
  }

  async revoke(request: RevokeCertificateRequest, options?: CallOptions): Promise<RevokedCertificateResponse> {
    return this.http.post<RevokedCertificateResponse>('/api/v1/revocations', request, options);
  }

  async crlDer(options?: CallOptions): Promise<Buffer> {
    return this.http.bytes('/api/v1/crl', {}, options);
  }

  async crlPem(options?: CallOptions): Promise<Buffer> {
    return this.http.bytes('/api/v1/crl.pem', {}, options);
  }

  async chain(options?: CallOptions): Promise<ChainResponse> {
    return this.http.get<ChainResponse>('/api/v1/chain', {}, options);
  }
}
