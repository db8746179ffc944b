import type { CertificateKind, IssueCertificateRequest } from '@libs/contracts';
import { Clock } from '@libs/http';
import {
  type AcceptedCsr,
  type CertificateContent,
  type CommonName,
  CsrRejected,
  type DnsName,
  InvalidName,
  IssuerNotValid,
  type Validity,
  acceptCsrOffThread,
  buildTbs,
  isDnsName,
  newSerialNumber,
  parseCommonName,
  parseDnsName,
  profiles,
  signLinted,
  validityWithin,
} from '@libs/pki';
import { Injectable } from '@nestjs/common';
import { SigningConfig } from '../config/signing.config';
import { failPoints } from '../fail-points';
import { KeyStore } from '../key-store/key-store';
import { CertificateNotPossible, CsrNotAccepted, IssuerUnusable } from './issuance.errors';

/** A certificate that is signed and stands nowhere yet: it must not leave before the log has it. */
export interface UnloggedCertificate {
  readonly der: Buffer;
  readonly kind: CertificateKind;
  readonly content: CertificateContent;
}

/** What a request asks for, checked against the rules for names. */
export interface RequestedNames {
  readonly commonName: CommonName;
  readonly dnsNames: readonly DnsName[];
}

/** CSR policy, profile, lint, signature: from a request to a certificate. */
@Injectable()
export class CertificateFactory {
  constructor(
    private readonly config: SigningConfig,
    private readonly keyStore: KeyStore,
    private readonly clock: Clock,
  ) {}

  /** @throws CsrNotAccepted, CertificateNotPossible, IssuerUnusable; LintFailed is a defect of ours */
  async create(request: IssueCertificateRequest): Promise<UnloggedCertificate> {
    const { issuer, key } = this.keyStore.active;
    const { kind } = request;
    const { spki } = await acceptedCsr(request.csr);
    failPoints.reach('csr-checked');
    const content: CertificateContent = {
      profile: profiles[kind],
      ...requestedNames(request),
      spki,
      serialNumber: newSerialNumber(),
      validity: this.validity(kind, request.validity_days),
    };
    const tbs = buildTbs(issuer, content);
    const unsigned = { tbs, profile: content.profile, issuer, algorithm: issuer.signatureAlgorithm };
    const der = await signLinted(unsigned, (data) => key.sign(data));
    failPoints.reach('certificate-signed');
    return { der, kind, content };
  }

  private validity(kind: CertificateKind, requested: number | undefined): Validity {
    const most = this.config.validityDays[kind];
    if (requested !== undefined && requested > most) {
      throw new CertificateNotPossible(
        'validity_days',
        `A ${kind} certificate is valid for ${String(most)} days at most.`,
      );
    }
    try {
      return validityWithin(this.keyStore.active.issuer, this.clock.now(), requested ?? most);
    } catch (error) {
      if (error instanceof IssuerNotValid) throw new IssuerUnusable(error);
      throw error;
    }
  }
}

export async function acceptedCsr(csr: string): Promise<AcceptedCsr> {
  try {
    return await acceptCsrOffThread(csr);
  } catch (error) {
    if (error instanceof CsrRejected) throw new CsrNotAccepted(error.reason, error.message);
    throw error;
  }
}

/** Only servers have DNS names, and they have one at least: a common name that is a DNS name is among them. */
export function requestedNames({ kind, common_name, dns_names = [] }: IssueCertificateRequest): RequestedNames {
  const commonName = named('common_name', () => parseCommonName(common_name));
  if (!profiles[kind].dnsNames) {
    if (dns_names.length === 0) return { commonName, dnsNames: [] };
    throw new CertificateNotPossible('dns_names', `A ${kind} certificate has no DNS names.`);
  }
  const given = named('dns_names', () => dns_names.map(parseDnsName));
  const dnsNames = [...new Set(isDnsName(common_name) ? [common_name, ...given] : given)];
  if (dnsNames.length > 0) return { commonName, dnsNames };
  throw new CertificateNotPossible(
    'dns_names',
    'A server certificate needs a DNS name: give dns_names, or a common name that is one.',
  );
}

function named<T>(field: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof InvalidName) throw new CertificateNotPossible(field, error.message);
    throw error;
  }
}
