import type { IssuedCertificate } from '@libs/contracts';
import { DomainError, StartError } from '@libs/http';
import { fingerprintOf, Issuer, onlyPemBlock, type ParsedCertificate, parseCertificate } from '@libs/pki';
import { decodeLeaf, type NoteVerifier, parseReceipt, parseVerifierKey, rebuildLeaf, verifyReceipt } from '@libs/tlog';
import type { CertificateOrder } from './certificate-order';

/** Signing answered with another certificate than was asked for, or one that the log does not prove: it is not handed out. */
export class IssuedCertificateNotValid extends DomainError {
  constructor(reason: string, cause?: unknown) {
    super({
      code: 'issued_certificate_not_valid',
      status: 502,
      title: 'The certificate that was made is not the one that was asked for',
      cause: new Error(reason, { cause }),
    });
  }
}

type Expected = Pick<CertificateOrder, 'kind' | 'commonName'> & { readonly spki: Buffer };

/** There are two at a time while an intermediate is being replaced. */
const MAX_ISSUERS = 8;

/** Judges what signing answers, which is trusted for nothing that can be looked at. */
export class IssuedCertificateCheck {
  /** By their PEM: to load a public key takes longer than to verify with it. */
  private readonly issuers = new Map<string, Issuer>();

  /** @param verifiers the log's; with none, receipts are handed on as they come */
  constructor(private readonly verifiers: readonly NoteVerifier[]) {}

  /** @throws StartError when a key is not one */
  static pinning(keys: readonly string[]): IssuedCertificateCheck {
    try {
      return new IssuedCertificateCheck(keys.map(parseVerifierKey));
    } catch (error) {
      throw new StartError('FRONTEND_CT_VERIFIER_KEYS holds a key that is not a verifier key of a log.', {
        cause: error,
      });
    }
  }

  /** @throws IssuedCertificateNotValid */
  check(issued: IssuedCertificate, expected: Expected): void {
    try {
      const der = onlyPemBlock(issued.certificate, 'CERTIFICATE');
      const certificate = parseCertificate(der);
      const { tbs } = certificate;
      if (!tbs.spki.equals(expected.spki)) throw new IssuedCertificateNotValid('it is for another key');
      if (fingerprintOf(der) !== issued.fingerprint) throw new IssuedCertificateNotValid('its fingerprint is another');
      const serialNumber = tbs.serialNumber.toString('hex').toUpperCase();
      if (serialNumber !== issued.serial_number) throw new IssuedCertificateNotValid('its serial number is another');
      this.checkIssuer(certificate, issued.chain[0]);
      if (this.verifiers.length > 0) this.checkReceipt(issued, der, expected);
    } catch (error) {
      if (error instanceof IssuedCertificateNotValid) throw error;
      throw new IssuedCertificateNotValid('it cannot be read, or its receipt proves nothing', error);
    }
  }

  private checkIssuer(certificate: ParsedCertificate, intermediate: string): void {
    if (!this.issuerOf(intermediate).issued(certificate)) {
      throw new IssuedCertificateNotValid('its issuer is not the intermediate that came with it');
    }
  }

  private issuerOf(pem: string): Issuer {
    const known = this.issuers.get(pem);
    if (known !== undefined) return known;
    const issuer = Issuer.fromCertificate(onlyPemBlock(pem, 'CERTIFICATE'));
    if (this.issuers.size >= MAX_ISSUERS) this.issuers.clear();
    this.issuers.set(pem, issuer);
    return issuer;
  }

  private checkReceipt(issued: IssuedCertificate, der: Buffer, { kind, commonName }: Expected): void {
    const source = (extra: Buffer | undefined) => rebuildLeaf(extra ?? Buffer.alloc(0), der);
    const proven = verifyReceipt(parseReceipt(issued.receipt), source, this.verifiers);
    const leaf = decodeLeaf(proven.leaf);
    const isOurs =
      leaf.type === 'issued' &&
      proven.index === issued.log_index &&
      leaf.fingerprint.toString('hex') === issued.fingerprint &&
      leaf.kind === kind &&
      leaf.commonName === commonName;
    if (!isOurs) throw new IssuedCertificateNotValid('its receipt is about something else');
  }
}
