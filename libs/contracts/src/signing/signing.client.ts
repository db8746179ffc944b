import type { CallOptions, JsonClient, TaggedBytes } from '../json-client';
import type { RevokeCertificatesRequest, RevokedCertificatesResponse } from './bulk-revocation.dto';
import type {
  ChainResponse,
  IssueCertificateRequest,
  IssuedCertificate,
  RebuiltCrlResponse,
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
  /**
   * Revokes many, all of them or none; takes longer than other calls.
   * @throws UpstreamRefused 409 `revocation_set_changed`, 422 `bulk_too_large`
   */
  abstract revokeMany(request: RevokeCertificatesRequest, options?: CallOptions): Promise<RevokedCertificatesResponse>;
  /** DER of the active issuer's CRL. */
  abstract crlDer(options?: CallOptions): Promise<Buffer>;
  /** PEM bundle of the CRLs of every issuer in use and of the root. */
  abstract crlPem(options?: CallOptions): Promise<Buffer>;
  /** {@link crlDer} or {@link crlPem}; undefined where it is still the one with this entity tag. */
  abstract crlUnlessSame(
    form: 'der' | 'pem',
    etag: string | undefined,
    options?: CallOptions,
  ): Promise<TaggedBytes | undefined>;
  /** Has new CRLs made of every issuer in use; answers the active issuer's. */
  abstract rebuildCrl(options?: CallOptions): Promise<RebuiltCrlResponse>;
  abstract chain(options?: CallOptions): Promise<ChainResponse>;
}

/** As long as signing waits for the log and for the CRL, and longer. */
const BULK_TIMEOUT_MS = 75_000;

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

  async revokeMany(request: RevokeCertificatesRequest, options?: CallOptions): Promise<RevokedCertificatesResponse> {
    return this.http.post<RevokedCertificatesResponse>('/api/v1/revocations', request, {
      timeoutMs: BULK_TIMEOUT_MS,
      ...options,
    });
  }

  async crlDer(options?: CallOptions): Promise<Buffer> {
    return this.http.bytes('/api/v1/crl', {}, options);
  }

  async crlPem(options?: CallOptions): Promise<Buffer> {
    return this.http.bytes('/api/v1/crl.pem', {}, options);
  }

  async crlUnlessSame(
    form: 'der' | 'pem',
    etag: string | undefined,
    options?: CallOptions,
  ): Promise<TaggedBytes | undefined> {
    return this.http.bytesUnlessSame(form === 'der' ? '/api/v1/crl' : '/api/v1/crl.pem', etag, options);
  }

  async rebuildCrl(options?: CallOptions): Promise<RebuiltCrlResponse> {
    return this.http.post<RebuiltCrlResponse>('/api/v1/crl', {}, options);
  }

  async chain(options?: CallOptions): Promise<ChainResponse> {
    return this.http.get<ChainResponse>('/api/v1/chain', {}, options);
  }
}
