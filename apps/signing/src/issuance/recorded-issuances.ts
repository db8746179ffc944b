import {
  CertificateLog,
  type CertificateRecord,
  type IssueCertificateRequest,
  type IssuedCertificate,
} from '@libs/contracts';
import {
  type Fingerprint,
  MalformedDer,
  type ParsedCertificate,
  dnsNamesOf,
  fingerprintOf,
  onlyCommonName,
  parseCertificate,
} from '@libs/pki';
import { Injectable } from '@nestjs/common';
import { failPoints } from '../fail-points';
import { KeyStore, type SigningIssuer } from '../key-store/key-store';
import { ReceiptNotVerified, ReceiptVerifier } from '../log/receipt-verifier';
import { acceptedCsr, requestedNames } from './certificate-factory';
import { IdempotencyKeyReused, IssuanceRevoked } from './issuance.errors';
import { expectedLeaf, issuedCertificate } from './issued-certificate';

/**
 * Answers an issuance that the log knows already: a retry after an answer that got lost. What the log hands out is trusted no
 * more than at the first time: our signature, the request and the receipt must fit.
 */
@Injectable()
export class RecordedIssuances {
  constructor(
    private readonly keyStore: KeyStore,
    private readonly log: CertificateLog,
    private readonly receipts: ReceiptVerifier,
  ) {}

  /** @throws IdempotencyKeyReused when the certificate is for another request, IssuanceRevoked, ReceiptNotVerified */
  async find(fingerprint: Fingerprint, request: IssueCertificateRequest): Promise<IssuedCertificate> {
    const record = await this.log.certificate(fingerprint);
    failPoints.reach('issuance-found-again');
    const certificate = certificateOf(record, fingerprint);
    const { issuer } = this.issuerOf(certificate);
    if (record?.kind !== request.kind || !(await fits(certificate, request))) throw new IdempotencyKeyReused();
    if (record.revocation !== null) throw new IssuanceRevoked();
    const received = { index: record.index, receipt: await this.log.receipt(fingerprint) };
    const described = { der: certificate.der, kind: record.kind };
    this.receipts.issued(received, expectedLeaf(described, issuer), undefined);
    return issuedCertificate(described, this.keyStore.chainOf({ issuer }), received);
  }

  /** Not the active issuer, where the intermediate was rotated between an answer that got lost and the retry. */
  private issuerOf(certificate: ParsedCertificate): SigningIssuer {
    const found = this.keyStore.issuers.find(({ issuer }) => issuer.issued(certificate));
    if (found === undefined)
      throw new ReceiptNotVerified('the recorded certificate was not issued by an issuer of ours');
    return found;
  }
}

function certificateOf(record: CertificateRecord | null, fingerprint: Fingerprint): ParsedCertificate {
  const certificate = parsed(Buffer.from(record?.certificate ?? '', 'base64'));
  if (fingerprintOf(certificate.der) === fingerprint) return certificate;
  throw new ReceiptNotVerified('the log answered another certificate');
}

function parsed(der: Buffer): ParsedCertificate {
  try {
    return parseCertificate(der);
  } catch (error) {
    if (error instanceof MalformedDer) throw new ReceiptNotVerified('the log did not answer a certificate', error);
    throw error;
  }
}

/** Same key, same names: what the caller asked for is what was issued. */
async function fits({ tbs }: ParsedCertificate, request: IssueCertificateRequest): Promise<boolean> {
  const { commonName, dnsNames } = requestedNames(request);
  const { spki } = await acceptedCsr(request.csr);
  return (
    tbs.spki.equals(spki) && onlyCommonName(tbs.subject) === commonName && dnsNamesOf(tbs).join() === dnsNames.join()
  );
}
