import type { CertificateProfile } from './certificate-profiles';
import { type ParsedCertificate, type ParsedTbs, parseCertificate } from './certificate-reader';
import { MalformedDer } from './der-reader';
import type { Issuer } from './issuer';
import { extensionChecks } from './lint-extensions';
import { fieldChecks } from './lint-fields';

/** What a certificate about to be signed is measured against. */
export interface LintSubject {
  /** Signed with a throw-away key. */
  readonly certificate: ParsedCertificate;
  readonly tbs: ParsedTbs;
  readonly profile: CertificateProfile;
  /** Undefined for a root, which is its own issuer. */
  readonly issuer: Issuer | undefined;
}

export interface LintCheck {
  readonly id: string;
  /** Where the rule stands. */
  readonly reference: string;
  /** What is wrong, or undefined. May throw MalformedDer, which counts as a finding. */
  readonly check: (subject: LintSubject) => string | undefined;
}

export interface LintFinding {
  readonly id: string;
  readonly reference: string;
  readonly detail: string;
}

/** A certificate or CRL that must not be signed or published: a defect of ours or of the CA's own certificate. */
export class LintFailed extends Error {
  override readonly name = 'LintFailed';

  constructor(
    what: string,
    readonly findings: readonly LintFinding[],
  ) {
    super(`${what} breaks ${findings.map(({ id, detail }) => `${id} (${detail})`).join(', ')}`);
  }
}

export const certificateChecks: readonly LintCheck[] = [...fieldChecks, ...extensionChecks];

/**
 * Reads a certificate back with the strict reader, which shares no code with the writer, and runs every check on it. Its signature
 * is by a throw-away key and is not looked at; `signLinted` signs the same bytes for good, and only when the list is empty.
 */
export function lintCertificate(der: Buffer, profile: CertificateProfile, issuer: Issuer | undefined): LintFinding[] {
  let certificate: ParsedCertificate;
  try {
    certificate = parseCertificate(der);
  } catch (error) {
    if (!(error instanceof MalformedDer)) throw error;
    return [{ id: 'well-formed', reference: 'X.690, RFC 5280 §4.1', detail: error.message }];
  }
  return runChecks(certificateChecks, { certificate, tbs: certificate.tbs, profile, issuer });
}

/** {@link lintCertificate} that throws LintFailed. */
export function assertLinted(der: Buffer, profile: CertificateProfile, issuer: Issuer | undefined): void {
  const findings = lintCertificate(der, profile, issuer);
  if (findings.length > 0) throw new LintFailed('the certificate', findings);
}

function runChecks(checks: readonly LintCheck[], subject: LintSubject): LintFinding[] {
  const findings: LintFinding[] = [];
  for (const { id, reference, check } of checks) {
    const detail = outcome(() => check(subject));
    if (detail !== undefined) findings.push({ id, reference, detail });
  }
  return findings;
}

function outcome(check: () => string | undefined): string | undefined {
  try {
    return check();
  } catch (error) {
    if (error instanceof Error) return error.message;
    throw error;
  }
}
