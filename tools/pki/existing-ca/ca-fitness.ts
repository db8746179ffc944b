import {
  Issuer,
  MalformedDer,
  NotAnIssuer,
  Oid,
  type ParsedCertificate,
  UnsupportedKey,
  basicConstraintsOf,
  extensionOf,
} from '@libs/pki';
import { errorText } from '../../cli/refused';
import { extensionChecks } from './extension-fitness';
import { fieldChecks } from './field-fitness';
import { type Finding, blocking } from './finding';

/** A certificate that is to act as one of our CAs. */
export interface CaSubject {
  readonly certificate: ParsedCertificate;
  readonly role: 'root' | 'intermediate';
  /** What stands above an intermediate, where it is known. */
  readonly root: ParsedCertificate | undefined;
  readonly now: Date;
}

/** Answers nothing where all is well. May throw MalformedDer, which counts as a finding that blocks. */
export interface FitnessCheck {
  readonly id: string;
  readonly check: (subject: CaSubject) => Finding | undefined;
}

export const fitnessChecks: readonly FitnessCheck[] = [...fieldChecks, ...extensionChecks];

/** Everything about the certificate that is not as ours would be. None that blocks: services and ceremonies can use it. */
export function caFindings(subject: CaSubject): Finding[] {
  const findings = fitnessChecks.flatMap(({ id, check }) => outcome(id, () => check(subject)));
  if (findings.some(({ blocks }) => blocks)) return findings;
  // The reader that the services use has the last word.
  try {
    Issuer.fromCertificate(subject.certificate.der);
    return findings;
  } catch (error) {
    if (!(error instanceof NotAnIssuer || error instanceof UnsupportedKey || error instanceof MalformedDer))
      throw error;
    return [...findings, blocking('issuer', error.message)];
  }
}

function outcome(id: string, check: () => Finding | undefined): Finding[] {
  try {
    const finding = check();
    return finding === undefined ? [] : [finding];
  } catch (error) {
    if (!(error instanceof MalformedDer)) throw error;
    return [blocking(id, `It is not encoded as DER demands: ${errorText(error)}.`)];
  }
}

/** Whether a certificate names itself as its issuer. */
export function isSelfIssued({ tbs }: ParsedCertificate): boolean {
  return tbs.issuer.equals(tbs.subject);
}

/** Whether the certificate says that it is one of a CA; a malformed extension says no. */
export function isCa({ tbs }: ParsedCertificate): boolean {
  const extension = extensionOf(tbs.extensions, Oid.basicConstraints);
  try {
    return extension !== undefined && basicConstraintsOf(extension.value).ca;
  } catch (error) {
    if (error instanceof MalformedDer) return false;
    throw error;
  }
}
