import {
  Issuer,
  MalformedDer,
  MalformedPem,
  NotAnIssuer,
  type ParsedCrl,
  type RevokedCertificate,
  UnsupportedKey,
  crlEntries,
  crlPemLabel,
  onlyPemBlock,
  parseCrl,
  verifyCrl,
} from '@libs/pki';
import { errorText } from '../../cli/refused';
import { serialText } from '../serial-text';
import type { ExistingCa } from './ca-folder';
import { type Finding, blocking, remark } from './finding';
import type { IndexEntry } from './index-file';

/** What the CA has revoked so far. */
export interface FormerRevocations {
  readonly crl: ParsedCrl | undefined;
  /** From the database, unexpired, by serial numbers that a CRL of ours can name. */
  readonly revoked: readonly RevokedCertificate[];
  readonly findings: readonly Finding[];
}

const LONGEST_SERIAL = 20;
const CERTIFICATE_HOLD = 6;
const REMOVE_FROM_CRL = 8;

/** Nothing that was revoked may come back: whatever of it cannot be taken over blocks. */
export function formerRevocations(ca: ExistingCa, now: Date): FormerRevocations {
  const findings: Finding[] = [];
  const crl = readCrl(ca, findings);
  const revoked: RevokedCertificate[] = [];
  for (const entry of ca.index ?? []) {
    const { revokedAt, expires } = entry;
    if (revokedAt === undefined || expires <= now) continue;
    const serialNumber = serialText(Buffer.from(entry.serialNumber, 'hex'));
    if (serialNumber.length > LONGEST_SERIAL * 2) {
      findings.push(
        blocking('revoked-serial', `${nameOf(entry)} is revoked, and no CRL of ours can name so long a number.`),
      );
      continue;
    }
    revoked.push({ serialNumber, revokedAt, reason: lastingReason(entry, findings) });
  }
  if (ca.index === undefined && crl === undefined) {
    findings.push(remark('revocations', 'There is neither index.txt nor a CRL: what was revoked is not known.'));
  }
  return { crl, revoked, findings };
}

/** A revoked certificate stays revoked here: what was on hold is from now on revoked for good. */
function lastingReason(entry: IndexEntry, findings: Finding[]): number {
  if (entry.reason !== CERTIFICATE_HOLD && entry.reason !== REMOVE_FROM_CRL) return entry.reason;
  findings.push(remark('revoked-on-hold', `${nameOf(entry)} is on hold; here it is revoked for good.`));
  return 0;
}

const nameOf = ({ serialNumber, subject }: IndexEntry): string => `${serialNumber} (${subject})`;

function readCrl({ crl: file, certificate }: ExistingCa, findings: Finding[]): ParsedCrl | undefined {
  if (file === undefined) return undefined;
  try {
    const crl = parseCrl(onlyPemBlock(file.content.toString('latin1'), crlPemLabel));
    const isTheirs =
      crl.issuer.equals(certificate.tbs.subject) && verifyCrl(crl, Issuer.fromCertificate(certificate.der));
    if (!isTheirs) {
      findings.push(remark('crl', `${file.path} is not this CA's and is passed over.`));
      return undefined;
    }
    for (const { serialNumber, reason } of crlEntries(crl)) {
      if (reason === CERTIFICATE_HOLD || reason === REMOVE_FROM_CRL) {
        findings.push(remark('revoked-on-hold', `${serialNumber} is on hold in the CRL; here it is revoked for good.`));
      }
    }
    return crl;
  } catch (error) {
    // A CA that cannot be one of ours is told about elsewhere.
    if (error instanceof NotAnIssuer || error instanceof UnsupportedKey) return undefined;
    if (!(error instanceof MalformedDer || error instanceof MalformedPem)) throw error;
    findings.push(blocking('crl', `${file.path} cannot be read: ${errorText(error)}. Sign it anew, or take it away.`));
    return undefined;
  }
}
