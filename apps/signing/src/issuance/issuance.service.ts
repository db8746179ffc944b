import type { IssueCertificateRequest, IssuedCertificate } from '@libs/contracts';
import { Injectable, Logger } from '@nestjs/common';
import { SigningConfig } from '../config/signing.config';
import { KeyStore } from '../key-store/key-store';
import { CertificateFactory } from './certificate-factory';
import { type IssuanceContext, contextOf, digestOf } from './idempotency';
import { InFlight } from './in-flight';
import { IssuanceLedger } from './issuance-ledger';
import { issuedCertificate } from './issued-certificate';
import { RecordedIssuances } from './recorded-issuances';

/**
 * Issues certificates. The order is the promise: check, build, lint, sign, append to the log, verify the log's receipt, and
 * only then answer. Whatever fails on the way, no certificate leaves.
 */
@Injectable()
export class IssuanceService {
  private readonly logger = new Logger('IssuanceService');
  private readonly inFlight: InFlight<IssuedCertificate>;

  constructor(
    config: SigningConfig,
    private readonly keyStore: KeyStore,
    private readonly factory: CertificateFactory,
    private readonly ledger: IssuanceLedger,
    private readonly recorded: RecordedIssuances,
  ) {
    this.inFlight = new InFlight(config.maxInFlight);
  }

  /**
   * The same id and request give the same certificate, also after a restart and on another replica: the log knows issuances
   * by their id.
   * @throws CsrNotAccepted, CertificateNotPossible, IdempotencyKeyReused, IssuanceRevoked; TooManyIssuances, UpstreamUnavailable,
   * ReceiptNotVerified
   */
  async issue(issuanceId: string, request: IssueCertificateRequest): Promise<IssuedCertificate> {
    const context = contextOf(issuanceId, request);
    return this.inFlight.run(issuanceId, digestOf(request, context), () => this.issueOnce(request, context));
  }

  private async issueOnce(request: IssueCertificateRequest, context: IssuanceContext): Promise<IssuedCertificate> {
    const certificate = await this.factory.create(request);
    const outcome = await this.ledger.record(certificate, context);
    if ('knownAs' in outcome) return this.recorded.find(outcome.knownAs, request);
    const issued = issuedCertificate(certificate, this.keyStore.chainOf(this.keyStore.active), outcome);
    this.logger.log({
      msg: 'certificate issued',
      kind: request.kind,
      serial_number: issued.serial_number,
      fingerprint: issued.fingerprint,
      log_index: issued.log_index,
      issuance_id: context.issuance_id,
    });
    return issued;
  }
}
