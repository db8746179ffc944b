import { CertificateLog, UpstreamRefused, type AppendedEntry } from '@libs/contracts';
import { type Fingerprint, isFingerprint } from '@libs/pki';
import { Injectable } from '@nestjs/common';
import { failPoints } from '../fail-points';
import { KeyStore } from '../key-store/key-store';
import { uselessRefusal } from '../log/entry-refused';
import { ReceiptVerifier, type ReceivedReceipt } from '../log/receipt-verifier';
import type { UnloggedCertificate } from './certificate-factory';
import type { IssuanceContext } from './idempotency';
import { expectedLeaf } from './issued-certificate';

/** Either the proof that the certificate stands in the log, or the one that stands there already for this issuance. */
export type LedgerOutcome = ReceivedReceipt | { readonly knownAs: Fingerprint };

/** Writes certificates into the log and judges its answer. */
@Injectable()
export class IssuanceLedger {
  constructor(
    private readonly keyStore: KeyStore,
    private readonly log: CertificateLog,
    private readonly receipts: ReceiptVerifier,
  ) {}

  /** @throws UpstreamUnavailable, EntryRefused, ReceiptNotVerified: then the certificate must be thrown away */
  async record(certificate: UnloggedCertificate, context: IssuanceContext): Promise<LedgerOutcome> {
    let appended: AppendedEntry;
    try {
      appended = await this.log.append({
        type: 'issued',
        kind: certificate.kind,
        issuer: this.keyStore.active.issuer.spkiSha256.toString('hex'),
        certificate: certificate.der.toString('base64'),
        context,
      });
    } catch (error) {
      if (!(error instanceof UpstreamRefused)) throw error;
      return { knownAs: knownFingerprint(error) };
    }
    failPoints.reach('certificate-logged');
    const expected = expectedLeaf(certificate, this.keyStore.active.issuer);
    this.receipts.issued(appended, expected, { context, salt: appended.context_salt });
    failPoints.reach('issuance-verified');
    return appended;
  }
}

/** The only refusal that makes sense. */
function knownFingerprint(error: UpstreamRefused): Fingerprint {
  const { fingerprint } = error.problem;
  if (error.upstreamCode === 'issuance_known' && typeof fingerprint === 'string' && isFingerprint(fingerprint)) {
    return fingerprint;
  }
  throw uselessRefusal(error, 'issued');
}
