import { sha256 } from '@libs/pki';
import type { CrlLeaf, IssuedLeaf, KeyRotationLeaf, Leaf, RevokedLeaf } from '@libs/tlog';
import { parseVerifierKey } from '@libs/tlog';
import { assertLeafAgrees } from '../certificate';
import { Refuted } from '../verdict';
import { HashIndex } from './hash-index';

const SERIAL_BYTES = 20;

interface IssuerRecord {
  /** SHA-256 of its SubjectPublicKeyInfo, by which entries name it. */
  readonly key: Buffer;
  /** How certificates name it. */
  named?: Buffer;
  readonly serials: HashIndex;
}

/**
 * What the entries of a log owe each other, whatever its hashes say: each in turn is held against those before it. Grows
 * with the log, by some 130 bytes for each certificate.
 */
export class EntryRules {
  readonly counts: Record<Leaf['type'], number> = { issued: 0, revoked: 0, crl: 0, key_rotation: 0 };
  lastLoggedAt = 0;

  private readonly issued = new HashIndex();
  /** Index and issuer of the issued entries, by the number of the fingerprint. */
  private readonly issuedIndexes: number[] = [];
  private readonly issuers: IssuerRecord[] = [];
  private readonly knownIssuers = new Map<string, IssuerRecord>();
  /** Of the entry before: most have the same. */
  private lastIssuer: IssuerRecord | undefined;
  private readonly revoked = new HashIndex();
  private readonly crls = new HashIndex();
  private readonly crlNumbers = new HashIndex();
  private readonly keys = new Set<string>();

  constructor(private readonly origin: string) {}

  /** @throws Refuted, and TlogError for a verifier key that is none */
  check(index: number, leaf: Leaf): void {
    if (leaf.loggedAt < this.lastLoggedAt) throw broken('time_decreases', 'it was logged before the entry before it');
    this.lastLoggedAt = leaf.loggedAt;
    this.counts[leaf.type] += 1;
    switch (leaf.type) {
      case 'issued':
        this.checkIssued(index, leaf);
        break;
      case 'revoked':
        this.checkRevoked(leaf);
        break;
      case 'crl':
        this.checkCrl(leaf);
        break;
      case 'key_rotation':
        this.checkKeyRotation(leaf);
        break;
    }
  }

  private checkIssued(index: number, leaf: IssuedLeaf): void {
    const named = assertLeafAgrees(leaf);
    const issuer = this.issuerOf(leaf.issuer);
    checkIssuerName(issuer, named);
    if (!this.issued.add(leaf.fingerprint)) throw duplicate('the certificate was logged before');
    this.issuedIndexes.push(index);
    this.issuers.push(issuer);
    if (!issuer.serials.add(leaf.serial)) throw duplicate('the serial number was used before');
  }

  private checkRevoked(leaf: RevokedLeaf): void {
    const number = this.issued.numberOf(leaf.fingerprint);
    if (number === undefined)
      throw broken('revocation_without_issue', 'it revokes a certificate that no entry before it issued');
    if (this.issuedIndexes[number] !== leaf.issuedIndex) {
      throw broken('revocation_names_other_entry', 'it names another entry than the one that issued the certificate');
    }
    if (this.issuers[number]?.key.equals(leaf.issuer) !== true) {
      throw broken('revocation_names_other_issuer', 'it names another issuer than the certificate has');
    }
    if (!this.revoked.add(leaf.fingerprint)) throw duplicate('the certificate was revoked before');
  }

  private checkCrl(leaf: CrlLeaf): void {
    const number = Buffer.alloc(8);
    number.writeBigUInt64BE(BigInt(leaf.crlNumber));
    if (!this.crls.add(leaf.crlSha256)) throw duplicate('the CRL was logged before');
    if (!this.crlNumbers.add(sha256(leaf.issuer, number))) throw duplicate('the CRL number was used before');
  }

  private checkKeyRotation({ verifierKey }: KeyRotationLeaf): void {
    if (parseVerifierKey(verifierKey).name !== this.origin)
      throw broken('other_log', 'the new key has another name than the log');
    if (this.keys.has(verifierKey)) throw duplicate('the key was announced before');
    this.keys.add(verifierKey);
  }

  private issuerOf(key: Buffer): IssuerRecord {
    if (this.lastIssuer?.key.equals(key) === true) return this.lastIssuer;
    const text = key.toString('hex');
    const known = this.knownIssuers.get(text) ?? { key: Buffer.from(key), serials: new HashIndex(SERIAL_BYTES) };
    this.knownIssuers.set(text, known);
    this.lastIssuer = known;
    return known;
  }
}

/** The key of an issuer cannot be seen in what it issued, but its name and key identifier are always the same. */
function checkIssuerName(issuer: IssuerRecord, named: Buffer): void {
  issuer.named ??= Buffer.from(named);
  if (!issuer.named.equals(named)) {
    throw broken('issuer_differs', 'it gives the issuer of certificates that another has issued');
  }
}

function broken(code: string, reason: string): Refuted {
  return new Refuted(code, reason);
}

function duplicate(reason: string): Refuted {
  return new Refuted('duplicate', reason);
}
