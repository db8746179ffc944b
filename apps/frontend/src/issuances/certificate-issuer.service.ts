import { SigningClient, UpstreamFailed, UpstreamRefused, UpstreamUnavailable } from '@libs/contracts';
import type { IssueCertificateRequest, IssuedCertificate } from '@libs/contracts';
import { DomainError } from '@libs/http';
import { Injectable, Logger } from '@nestjs/common';
import { Settings } from '../settings/settings.service';
import { validityDaysOf } from '../settings/settings-values';
import { type CertificateKey, keyFor, spkiOf } from './certificate-key';
import type { CertificateOrder } from './certificate-order';
import { IssuancesService } from './issuances.service';
import type { BegunIssuance } from './issuances.service';
import { IssuedCertificateCheck, IssuedCertificateNotValid } from './issued-certificate-check';
import { Repetitions } from './repetitions.service';

/** A certificate in the log with its key, before anybody has received either. */
export interface FreshCertificate extends IssuedCertificate {
  /** PKCS#8; absent when the caller made the key. It exists in memory alone. */
  readonly privateKey: string | undefined;
}

/**
 * The order of work of every certificate, whatever it is for: claim, make the key, have it signed and logged, check what
 * came back, render, mark as issued. What fails before the certificate is logged costs nothing; what fails after is left
 * pending, and reconciliation revokes it.
 */
@Injectable()
export class CertificateIssuer {
  private readonly logger = new Logger('CertificateIssuer');

  constructor(
    private readonly issuances: IssuancesService,
    private readonly repetitions: Repetitions,
    private readonly signing: SigningClient,
    private readonly issued: IssuedCertificateCheck,
    private readonly settings: Settings,
  ) {}

  /**
   * @param render makes what the caller receives; by then every template has been rendered
   * @throws InvalidRequest for a CSR that breaks the policy, DomainError of the credential, UpstreamUnavailable,
   *   UpstreamRefused, UpstreamFailed, IssuedCertificateNotValid, IssuanceTimedOut, and what Repetitions.find throws
   */
  async issue<T>(order: CertificateOrder, render: (certificate: FreshCertificate) => T | Promise<T>): Promise<T> {
    const repeated = await this.repetitions.find(order);
    if (repeated !== undefined) return render(this.checked(repeated, order, spkiOf(order.csr ?? ''), undefined));
    const key = await keyFor(order);
    const begun = await this.issuances.begin(order);
    const certificate = await this.obtain(begun, order, key);
    const delivery = await render(certificate);
    await this.issuances.complete(begun, certificate, order);
    this.logger.log({
      msg: 'certificate issued',
      issuance_id: begun.id,
      kind: order.kind,
      fingerprint: certificate.fingerprint,
      log_index: certificate.log_index,
    });
    return delivery;
  }

  private async obtain(begun: BegunIssuance, order: CertificateOrder, key: CertificateKey): Promise<FreshCertificate> {
    try {
      const validityDays = validityDaysOf(await this.settings.current());
      const request = signingRequest(begun.id, key.csrPem, order, order.kind === 'user' ? validityDays : null);
      return this.checked(await this.signing.issue(begun.id, request), order, key.spki, key.privateKeyPem);
    } catch (error) {
      await this.settle(begun, order, error);
      throw error;
    }
  }

  private checked(
    certificate: IssuedCertificate,
    { kind, commonName }: CertificateOrder,
    spki: Buffer,
    privateKey: string | undefined,
  ): FreshCertificate {
    this.issued.check(certificate, { kind, commonName, spki });
    return { ...certificate, privateKey };
  }

  private async settle(begun: BegunIssuance, order: CertificateOrder, error: unknown): Promise<void> {
    const code = error instanceof DomainError ? error.code : 'internal_error';
    const outcome = outcomeOf(error);
    this.logger.warn({ msg: 'issuance failed', issuance_id: begun.id, code, outcome });
    if (outcome === 'not_started') await this.issuances.fail(begun, code, order);
    else if (outcome === 'given_up') await this.issuances.giveUp(begun, code, order);
  }
}

/** A refusal comes before anything is signed; of an error of our own, only the signing call could have left a trace. */
function outcomeOf(error: unknown): UpstreamUnavailable['outcome'] {
  if (error instanceof UpstreamUnavailable) return error.outcome;
  // Signing had signed by then: that the log has nothing is looked at as well as said.
  if (error instanceof UpstreamFailed) return 'given_up';
  if (error instanceof UpstreamRefused && error.upstreamStatus === 409) return 'unknown';
  return error instanceof IssuedCertificateNotValid ? 'unknown' : 'not_started';
}

function signingRequest(
  issuanceId: string,
  csr: string,
  order: CertificateOrder,
  validityDays: number | null,
): IssueCertificateRequest {
  return {
    csr,
    kind: order.kind,
    common_name: order.commonName,
    ...(order.dnsNames === undefined ? {} : { dns_names: [...order.dnsNames] }),
    ...(validityDays === null ? {} : { validity_days: validityDays }),
    context: { ...order.context, issuance_id: issuanceId },
  };
}
