import { type IssueCertificateRequest, UUID } from '@libs/contracts';
import { InvalidRequest } from '@libs/http';
import { sha256 } from '@libs/pki';
import { canonicalJson } from '@libs/tlog';
import { compactContext } from '../log/private-context';
import { CertificateNotPossible } from './issuance.errors';

/** The context of an issued entry: always with the issuance id, by which the log knows the certificate again. */
export type IssuanceContext = Readonly<Record<string, string>> & { readonly issuance_id: string };

/** The header `Idempotency-Key`: the caller's issuance id. */
export function parseIssuanceId(header: string | undefined): string {
  if (header !== undefined && UUID.test(header)) return header;
  throw new InvalidRequest([{ field: 'Idempotency-Key', message: 'Idempotency-Key must be a UUID in lower case' }]);
}

/** @throws CertificateNotPossible when the context names another issuance */
export function contextOf(issuanceId: string, { context }: IssueCertificateRequest): IssuanceContext {
  if (context?.issuance_id !== undefined && context.issuance_id !== issuanceId) {
    throw new CertificateNotPossible('context.issuance_id', 'context.issuance_id differs from the Idempotency-Key');
  }
  return { ...compactContext(context), issuance_id: issuanceId };
}

/** Tells requests apart, whatever the order of their fields. */
export function digestOf(request: IssueCertificateRequest, context: IssuanceContext): string {
  const { csr, kind, common_name, dns_names = null, validity_days = null } = request;
  const text = canonicalJson({ csr, kind, common_name, dns_names, validity_days, context });
  return sha256(Buffer.from(text)).toString('hex');
}
