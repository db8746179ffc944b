import { type CaKeyAlgorithm, InvalidName, caKeyAlgorithms, parseCommonName } from '@libs/pki';
import type { YamlSection } from '../cli/yaml-section';

/** A CA that is to be made. */
export interface CaPlan {
  readonly commonName: string;
  readonly key: CaKeyAlgorithm;
  readonly validityDays: number;
}

/** A key that the signing host has made and keeps: its request, and which key was reviewed, as SHA-256 of it in hexadecimal. */
export interface RequestedKey {
  readonly csr: string;
  readonly sha256: string;
}

/** An intermediate that is to be made, or certified. */
export interface IntermediatePlan extends Omit<CaPlan, 'key'> {
  /** The folder below `intermediates` that it gets. */
  readonly name: string;
  readonly key: CaKeyAlgorithm | RequestedKey;
}

/** A key that is to be made where it will be used. */
export interface RequestPlan {
  readonly name: string;
  readonly key: CaKeyAlgorithm;
}

/** Stands in front of the common names of a rehearsal, and of no other. */
export const REHEARSAL_MARK = 'REHEARSAL ';

const FOLDER_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** The signing service calls the issuer at the top of its folder so. */
const RESERVED_NAME = 'intermediate';
/** With room for the mark within a common name of 64 characters. */
const LONGEST_REQUEST_NAME = 54;

export function caPlan(section: YamlSection | undefined, longest: number): CaPlan | undefined {
  if (section === undefined) return undefined;
  const plan = {
    commonName: commonName(section),
    key: keyAlgorithm(section),
    validityDays: validityDays(section, longest),
  };
  section.end();
  return plan;
}

/** @param absolute makes a path absolute that counts from the ceremony file's folder */
export function intermediatePlan(
  section: YamlSection | undefined,
  longest: number,
  absolute: (name: string) => string,
): IntermediatePlan | undefined {
  if (section === undefined) return undefined;
  const plan = {
    name: folderName(section),
    commonName: commonName(section),
    key: intermediateKey(section, absolute),
    validityDays: validityDays(section, longest),
  };
  section.end();
  return plan;
}

export function requestPlan(section: YamlSection | undefined): RequestPlan | undefined {
  if (section === undefined) return undefined;
  const plan = { name: folderName(section), key: keyAlgorithm(section) };
  if (plan.name.length > LONGEST_REQUEST_NAME) {
    section.problem('name', `is longer than ${LONGEST_REQUEST_NAME} characters`);
  }
  section.end();
  return plan;
}

export function folderName(section: YamlSection): string {
  const name = section.text('name');
  if (name === RESERVED_NAME)
    section.problem('name', `must not be ${RESERVED_NAME}, which the signing service uses itself`);
  else if (name !== '' && !FOLDER_NAME.test(name)) {
    section.problem('name', 'has other characters than letters, digits, dots, hyphens and underscores');
  }
  return name;
}

function validityDays(section: YamlSection, longest: number): number {
  return section.wholeNumber('validity_days', { min: 1, max: longest });
}

function keyAlgorithm(section: YamlSection): CaKeyAlgorithm {
  return section.oneOf('key', caKeyAlgorithms as readonly [CaKeyAlgorithm, ...CaKeyAlgorithm[]]);
}

function intermediateKey(section: YamlSection, absolute: (name: string) => string): IntermediatePlan['key'] {
  const csr = section.optionalText('csr');
  if (csr === undefined) return keyAlgorithm(section);
  if (section.has('key')) section.problem('key', 'and csr exclude each other');
  const hash = section.text('key_sha256').toLowerCase();
  if (hash !== '' && !/^[0-9a-f]{64}$/.test(hash)) section.problem('key_sha256', 'is not 32 bytes in hexadecimal');
  return { csr: absolute(csr), sha256: hash };
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
