import { REVOCATION_REASONS, type RevocationReason } from '@libs/contracts';
import { type CaKeyAlgorithm, InvalidName, caKeyAlgorithms, parseCommonName } from '@libs/pki';
import { dirname, resolve } from 'node:path';
import { Refused } from '../cli/refused';
import { yamlMembers } from '../cli/yaml-members';
import { YamlSection } from '../cli/yaml-section';
import { fileRecord } from './transcript';

/** A CA that is to be made. */
export interface CaPlan {
  readonly commonName: string;
  readonly key: CaKeyAlgorithm;
  readonly validityDays: number;
}

/** A certificate that the root's next CRL is to name. */
export interface RevocationPlan {
  /** A certificate file, or a serial number in upper-case hexadecimal. */
  readonly certificate: { readonly path: string } | { readonly serialNumber: string };
  readonly reason: RevocationReason;
  /** The time of the ceremony where the file says none. */
  readonly revokedAt: Date | undefined;
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
  readonly intermediate: (CaPlan & { readonly name: string }) | undefined;
  readonly crl: { readonly validityDays: number; readonly revoked: readonly RevocationPlan[] };
  readonly import: ImportPlan | undefined;
}

/** Stands in front of the common names of a rehearsal, and of no other. */
export const REHEARSAL_MARK = 'REHEARSAL ';

const YEAR = 366;
const FOLDER_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** The signing service calls the issuer at the top of its folder so. */
const RESERVED_NAME = 'intermediate';

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
    intermediate: intermediatePlan(file.section('intermediate')),
    crl: crlPlan(file.section('crl'), absolute, problems),
    import: importPlan(file.section('import'), absolute),
  };
  if (plan.root !== undefined && plan.root.commonName === plan.intermediate?.commonName) {
    problems.push('intermediate.common_name is that of the root: CRLs are found by it');
  }
  file.end();
  if (problems.length > 0) {
    throw new Refused(`${path} cannot be followed:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
  }
  return plan;
}

function caPlan(section: YamlSection | undefined, longest: number): CaPlan | undefined {
  if (section === undefined) return undefined;
  const plan = caMembers(section, longest);
  section.end();
  return plan;
}

function caMembers(section: YamlSection, longest: number): CaPlan {
  return {
    commonName: commonName(section),
    key: section.oneOf('key', caKeyAlgorithms as readonly [CaKeyAlgorithm, ...CaKeyAlgorithm[]]),
    validityDays: section.wholeNumber('validity_days', { min: 1, max: longest }),
  };
}

function intermediatePlan(section: YamlSection | undefined): CeremonyPlan['intermediate'] {
  if (section === undefined) return undefined;
  const plan = { name: folderName(section), ...caMembers(section, 20 * YEAR) };
  section.end();
  return plan;
}

function folderName(section: YamlSection): string {
  const name = section.text('name');
  if (name === RESERVED_NAME)
    section.problem('name', `must not be ${RESERVED_NAME}, which the signing service uses itself`);
  else if (name !== '' && !FOLDER_NAME.test(name)) {
    section.problem('name', 'has other characters than letters, digits, dots, hyphens and underscores');
  }
  return name;
}

/** With room for the mark, so that every ceremony can be rehearsed. */
function commonName(section: YamlSection): string {
  const name = section.text('common_name');
  if (name.startsWith(REHEARSAL_MARK.trim())) section.problem('common_name', 'begins with the mark of rehearsals');
  else if (name !== '') {
    try {
      parseCommonName(REHEARSAL_MARK + name);
    } catch (error) {
      if (!(error instanceof InvalidName)) throw error;
      section.problem('common_name', `is not usable, with "${REHEARSAL_MARK}" before it: ${error.message}`);
    }
  }
  return name;
}

function crlPlan(
  section: YamlSection | undefined,
  absolute: (name: string) => string,
  problems: string[],
): CeremonyPlan['crl'] {
  if (section === undefined) {
    problems.push('crl is missing');
    return { validityDays: 1, revoked: [] };
  }
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
