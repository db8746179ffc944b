import { REVOCATION_REASONS, type RevocationReason } from '@libs/contracts';
import { dirname, resolve } from 'node:path';
import { Refused } from '../cli/refused';
import { yamlMembers } from '../cli/yaml-members';
import { YamlSection } from '../cli/yaml-section';
import {
  type CaPlan,
  type IntermediatePlan,
  REHEARSAL_MARK,
  type RequestPlan,
  caPlan,
  folderName,
  intermediatePlan,
  requestPlan,
} from './ca-plan';
import { fileRecord } from './transcript';

/** A certificate that the root's next CRL is to name. */
export interface RevocationPlan {
  /** A certificate file, or a serial number in upper-case hexadecimal. */
  readonly certificate: { readonly path: string } | { readonly serialNumber: string };
  readonly reason: RevocationReason;
  /** The time of the ceremony where the file says none. */
  readonly revokedAt: Date | undefined;
}

/** The root's next CRL. */
export interface CrlPlan {
  readonly validityDays: number;
  readonly revoked: readonly RevocationPlan[];
}

/** An existing CA that is to be taken over. */
export interface ImportPlan {
  /** Folder in easy-rsa's layout, or with PEM files. */
  readonly from: string;
  /** For an intermediate: the folder below `intermediates` that it gets, and what stands above it. */
  readonly name: string | undefined;
  readonly rootCertificate: string | undefined;
  readonly rootCrl: string | undefined;
}

/** What a ceremony file says. Paths are absolute; a relative one in the file counts from the file's folder. */
export interface CeremonyPlan {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly output: string;
  readonly root: CaPlan | undefined;
  readonly intermediate: IntermediatePlan | undefined;
  readonly request: RequestPlan | undefined;
  readonly crl: CrlPlan | undefined;
  readonly import: ImportPlan | undefined;
}

const YEAR = 366;

/** @throws Refused with every problem of the file, one line each */
export function parsePlan(content: Buffer, path: string): CeremonyPlan {
  const problems: string[] = [];
  const file = new YamlSection(problems, '', yamlMembers(content, problems));
  if (file.text('version') !== '1') file.problem('version', 'is not 1, the only one that this tool knows');
  const absolute = (name: string): string => resolve(dirname(path), name);
  const plan: CeremonyPlan = {
    ...fileRecord(resolve(path), content),
    output: absolute(file.text('output')),
    root: caPlan(file.section('root'), 50 * YEAR),
    intermediate: intermediatePlan(file.section('intermediate'), 20 * YEAR, absolute),
    request: requestPlan(file.section('request')),
    crl: crlPlan(file.section('crl'), absolute),
    import: importPlan(file.section('import'), absolute),
  };
  // Whoever only asks for an intermediate has no root, and makes no CRL.
  if (plan.crl === undefined && plan.request === undefined) problems.push('crl is missing');
  if (plan.root !== undefined && plan.root.commonName === plan.intermediate?.commonName) {
    problems.push('intermediate.common_name is that of the root: CRLs are found by it');
  }
  file.end();
  if (problems.length > 0) {
    throw new Refused(`${path} cannot be followed:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
  }
  return plan;
}

function crlPlan(section: YamlSection | undefined, absolute: (name: string) => string): CrlPlan | undefined {
  if (section === undefined) return undefined;
  const validityDays = section.wholeNumber('validity_days', { min: 1, max: 3 * YEAR });
  const revoked = section.sections('revoked').map((item) => revocationPlan(item, absolute));
  section.end();
  return { validityDays, revoked };
}

const UN_REVOKING: readonly string[] = ['certificate_hold', 'remove_from_crl'];

function revocationPlan(section: YamlSection, absolute: (name: string) => string): RevocationPlan {
  const path = section.optionalText('certificate');
  const serialNumber = section.optionalText('serial_number')?.toUpperCase() ?? '';
  if (section.has('certificate') === section.has('serial_number')) {
    section.problem('certificate', 'or serial_number must be given, one of them');
  } else if (path === undefined && serialNumber !== '' && !/^(?!0+$)(?:[0-9A-F]{2}){1,20}$/.test(serialNumber)) {
    section.problem('serial_number', 'is not 1 to 20 bytes in hexadecimal');
  }
  let reason: RevocationReason = 'unspecified';
  if (UN_REVOKING.includes(section.optionalText('reason') ?? '')) {
    section.problem('reason', 'does not exist here, because a revoked certificate stays revoked');
  } else reason = section.oneOf('reason', REVOCATION_REASONS);
  const revokedAt = section.optionalTime('revoked_at');
  section.end();
  return { certificate: path === undefined ? { serialNumber } : { path: absolute(path) }, reason, revokedAt };
}

function importPlan(section: YamlSection | undefined, absolute: (name: string) => string): ImportPlan | undefined {
  if (section === undefined) return undefined;
  const optionalPath = (key: string): string | undefined => {
    const name = section.optionalText(key);
    return name && absolute(name);
  };
  const plan = {
    from: absolute(section.text('from')),
    name: section.has('name') ? folderName(section) : undefined,
    rootCertificate: optionalPath('root_certificate'),
    rootCrl: optionalPath('root_crl'),
  };
  section.end();
  return plan;
}

/** @throws Refused when the file has no such section */
export function required<T>(section: T | undefined, name: string): T {
  if (section === undefined) throw new Refused(`The ceremony file has no section ${name}.`);
  return section;
}

export function markedName(commonName: string, { rehearsal }: { readonly rehearsal: boolean }): string {
  return rehearsal ? REHEARSAL_MARK + commonName : commonName;
}
