import {
  crlAuthorityOf,
  crlNumberOf,
  crlPemLabel,
  crlSerialNumbers,
  type Issuer,
  MalformedDer,
  MalformedPem,
  parseCrl,
  type ParsedCrl,
  parsePem,
  sha256,
  toPem,
} from '@libs/pki';
import { AgentProblem } from '../problems';
import type { CrlFloor } from '../state/agent-state';
import { brokenRule } from './crl-rules';

/** A CRL that OpenVPN will do right with. */
export interface GoodCrl {
  /** SHA-256 of the issuer's SubjectPublicKeyInfo, lower-case hex. */
  readonly issuer: string;
  readonly floor: CrlFloor;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  /** 40 upper-case hex digits and more where other tools made the certificate. */
  readonly serialNumbers: ReadonlySet<string>;
}

export interface GoodBundle {
  /** As it is written, in our own spelling: nothing else than CRLs. */
  readonly pem: string;
  readonly crls: readonly GoodCrl[];
  /** CRLs of CAs that were not named, which OpenVPN checks for itself. */
  readonly strangers: number;
}

export interface BundleRules {
  readonly authorities: readonly Issuer[];
  readonly floors: Readonly<Record<string, CrlFloor>>;
  readonly now: Date;
}

/**
 * Reads a bundle and refuses it as a whole where OpenVPN would let a revoked client in, or lock everybody out: garbage, a CRL
 * that is missing, expired, of the future, not by its CA, or older than one that was accepted.
 * @throws AgentProblem `crl_invalid`, `crl_older`
 */
export function readBundle(text: string, rules: BundleRules): GoodBundle {
  try {
    return bundleOf(text, rules);
  } catch (error) {
    if (error instanceof MalformedPem || error instanceof MalformedDer) throw invalid(error.message);
    throw error;
  }
}

function bundleOf(text: string, rules: BundleRules): GoodBundle {
  const crls = parsed(text);
  const good: GoodCrl[] = [];
  let strangers = 0;
  for (const crl of crls) {
    const authority = rules.authorities.find((one) => isBy(crl, one));
    if (authority === undefined) strangers += 1;
    else good.push(checked(crl, authority, rules));
  }
  for (const authority of rules.authorities) assertOne(good, authority, rules.now);
  return { pem: crls.map(({ der }) => toPem(crlPemLabel, der)).join(''), crls: good, strangers };
}

function parsed(text: string): readonly ParsedCrl[] {
  const blocks = parsePem(text);
  if (blocks.length === 0) throw invalid('there is no CRL');
  if (blocks.some(({ label }) => label !== crlPemLabel)) throw invalid('there is something else than a CRL');
  return blocks.map(({ der }) => parseCrl(der));
}

function checked(crl: ParsedCrl, issuer: Issuer, { floors, now }: BundleRules): GoodCrl {
  const broken = brokenRule({ crl, issuer, now });
  if (broken !== undefined) throw invalid(broken);
  const number = crlNumberOf(crl);
  if (number === undefined || number > BigInt(Number.MAX_SAFE_INTEGER) || crl.nextUpdate === undefined) {
    throw invalid('there is no number');
  }
  const id = issuer.spkiSha256.toString('hex');
  const hash = sha256(crl.der).toString('hex');
  const floor = { number: Number(number), thisUpdate: crl.thisUpdate.toISOString(), sha256: hash };
  assertNotOlder(floor, floors[id]);
  return {
    issuer: id,
    floor,
    thisUpdate: crl.thisUpdate,
    nextUpdate: crl.nextUpdate,
    serialNumbers: new Set(crlSerialNumbers(crl)),
  };
}

function assertNotOlder(crl: CrlFloor, floor: CrlFloor | undefined): void {
  if (floor === undefined || crl.sha256 === floor.sha256) return;
  if (crl.number < floor.number) {
    throw new AgentProblem('crl_older', `CRL ${crl.number} is older than ${floor.number}, which was accepted before`);
  }
  if (crl.number === floor.number) throw invalid(`there are two CRLs with the number ${crl.number}`);
  // With the same second OpenSSL takes the old one, wherever both are known.
  if (crl.thisUpdate <= floor.thisUpdate)
    throw invalid(`CRL ${crl.number} has no later thisUpdate than the one before`);
}

function assertOne(crls: readonly GoodCrl[], authority: Issuer, now: Date): void {
  const count = crls.filter(({ issuer }) => issuer === authority.spkiSha256.toString('hex')).length;
  if (count > 1) throw invalid('there are two CRLs of one CA: the older one might win');
  if (count === 0 && authority.notAfter > now) {
    throw invalid('the CRL of a CA is missing: whatever it has revoked would be let in');
  }
}

/** By name or by key: what claims to be of a CA that we know must be proven to be. */
function isBy(crl: ParsedCrl, { subject, keyIdentifier }: Issuer): boolean {
  const key = crlAuthorityOf(crl);
  return key === undefined ? crl.issuer.equals(subject) : key.equals(keyIdentifier);
}

function invalid(reason: string): AgentProblem {
  return new AgentProblem('crl_invalid', `the bundle of CRLs is not usable: ${reason}`);
}
