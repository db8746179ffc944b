import {
  type CrlEntry,
  type IssuedEntry,
  type LogEntry,
  REVOCATION_REASON_CODES,
  type RevokedCertificate,
  type RevokedEntry,
  revocationReasonOf,
} from '@libs/contracts';
import { onlyCommonName, parseCertificate, sha256, timeValue } from '@libs/pki';
import {
  type Ed25519Signer,
  EMPTY_ROOT,
  type IssuedLeaf,
  type Leaf,
  NO_COMMITMENT,
  type RevokedLeaf,
  commitment,
  encodeLeaf,
  foldSubtrees,
  leafExtra,
  leafHash,
  nodeHash,
  printReceipt,
  proveInclusion,
  signCheckpoint,
} from '@libs/tlog';
import { randomBytes } from 'node:crypto';

export interface Appended {
  readonly index: number;
  readonly receipt: string;
  readonly context_salt: string | null;
  readonly known: boolean;
}

interface Stored {
  readonly leaf: Leaf;
  readonly salt: Buffer | null;
  readonly context: Record<string, string> | undefined;
}

/** A log without a database: what it answers is correct to the last byte, so that tests can falsify one thing at a time. */
export class MemoryLog {
  readonly entries: Stored[] = [];
  private readonly hashes: Buffer[] = [];
  private readonly crlNumbers = new Map<string, { number: number; thisUpdate: number }>();

  constructor(private readonly signer: Ed25519Signer) {}

  get issued(): IssuedLeaf[] {
    return this.entries.map(({ leaf }) => leaf).filter((leaf) => leaf.type === 'issued');
  }

  get revoked(): RevokedLeaf[] {
    return this.entries.map(({ leaf }) => leaf).filter((leaf) => leaf.type === 'revoked');
  }

  indexOf(type: Leaf['type'], fingerprint: string): number {
    return this.entries.findIndex(
      ({ leaf }) => leaf.type === type && 'fingerprint' in leaf && leaf.fingerprint.toString('hex') === fingerprint,
    );
  }

  /** The fingerprint that the issuance id already has. */
  knownIssuance(issuanceId: string | undefined): string | undefined {
    const stored = this.entries.find(
      ({ context }) => context?.['issuance_id'] === issuanceId && issuanceId !== undefined,
    );
    return stored?.leaf.type === 'issued' ? stored.leaf.fingerprint.toString('hex') : undefined;
  }

  async append(entry: LogEntry): Promise<Appended | undefined> {
    const known = this.knownIndex(entry);
    if (known >= 0) return this.answer(known, true);
    const context = 'context' in entry ? { ...(entry.context as Record<string, string> | undefined) } : {};
    const salt = Object.keys(context).length === 0 ? null : randomBytes(32);
    const header = {
      loggedAt: Date.now(),
      commitment: salt === null ? Buffer.from(NO_COMMITMENT) : commitment(salt, context),
    };
    const leaf = this.leafOf(entry, header);
    if (leaf === undefined) return undefined;
    this.entries.push({ leaf, salt, context });
    this.hashes.push(leafHash(encodeLeaf(leaf)));
    return this.answer(this.entries.length - 1, false);
  }

  async receipt(index: number): Promise<string> {
    const { leaf } = this.at(index);
    const size = this.hashes.length;
    // The tree may grow while the proof is made.
    const root = this.root();
    const reader = { node: (level: number, n: number) => Promise.resolve(this.node(level, n)) };
    return printReceipt({
      extra: leafExtra(leaf),
      index,
      proof: await proveInclusion(index, size, reader),
      checkpoint: signCheckpoint({ origin: this.signer.name, size, root }, [this.signer]),
    });
  }

  allocateCrlNumber(issuer: string): { number: number; this_update: string } {
    const previous = this.crlNumbers.get(issuer) ?? { number: 0, thisUpdate: 0 };
    const backdated = Math.floor((Date.now() - 300_000) / 1000) * 1000;
    const next = { number: previous.number + 1, thisUpdate: Math.max(previous.thisUpdate + 1000, backdated) };
    this.crlNumbers.set(issuer, next);
    return { number: next.number, this_update: new Date(next.thisUpdate).toISOString() };
  }

  revocations(
    since: number,
    issuer: string | null,
  ): { items: RevokedCertificate[]; next_since: number; complete: boolean } {
    const items = this.revoked
      .map((leaf) => this.revocationOf(leaf))
      .filter((item) => item.index >= since && (issuer === null || item.issuer === issuer));
    return { items, next_since: Math.max(since, this.entries.length), complete: true };
  }

  revocationOf(leaf: RevokedLeaf): RevokedCertificate {
    const issued = this.at(leaf.issuedIndex).leaf;
    if (issued.type !== 'issued') throw new Error('a revocation names an entry that issues nothing');
    return {
      index: this.entries.findIndex((entry) => entry.leaf === leaf),
      fingerprint: leaf.fingerprint.toString('hex'),
      serial_number: issued.serial.toString('hex').toUpperCase(),
      issuer: leaf.issuer.toString('hex'),
      not_after: new Date(issued.notAfter).toISOString(),
      reason: revocationReasonOf(leaf.reason) ?? 'unspecified',
      revoked_at: new Date(leaf.revokedAt).toISOString(),
    };
  }

  at(index: number): Stored {
    const stored = this.entries[index];
    if (stored === undefined) throw new Error('no such entry');
    return stored;
  }

  private knownIndex(entry: LogEntry): number {
    switch (entry.type) {
      case 'issued':
        return this.indexOf('issued', sha256(Buffer.from(entry.certificate, 'base64')).toString('hex'));
      case 'revoked':
        return this.indexOf('revoked', entry.fingerprint);
      case 'crl':
        return -1;
    }
  }

  private leafOf(entry: LogEntry, header: { loggedAt: number; commitment: Buffer }): Leaf | undefined {
    switch (entry.type) {
      case 'issued':
        return issuedLeaf(entry, header);
      case 'revoked':
        return this.revokedLeaf(entry, header);
      case 'crl':
        return crlLeaf(entry, header);
    }
  }

  private revokedLeaf(entry: RevokedEntry, header: { loggedAt: number; commitment: Buffer }): RevokedLeaf | undefined {
    const issuedIndex = this.indexOf('issued', entry.fingerprint);
    const issued = this.entries[issuedIndex]?.leaf;
    if (issued?.type !== 'issued') return undefined;
    return {
      type: 'revoked',
      ...header,
      issuer: issued.issuer,
      fingerprint: issued.fingerprint,
      reason: REVOCATION_REASON_CODES[entry.reason],
      revokedAt: Date.parse(entry.revoked_at),
      issuedIndex,
      actorCommitment: Buffer.from(NO_COMMITMENT),
    };
  }

  private async answer(index: number, known: boolean): Promise<Appended> {
    const { salt } = this.at(index);
    return { index, receipt: await this.receipt(index), context_salt: salt?.toString('base64') ?? null, known };
  }

  private node(level: number, n: number): Buffer {
    if (level > 0) return nodeHash(this.node(level - 1, 2 * n), this.node(level - 1, 2 * n + 1));
    const hash = this.hashes[n];
    if (hash === undefined) throw new Error('no such leaf');
    return hash;
  }

  private root(): Buffer {
    const subtrees: Buffer[] = [];
    for (let start = 0; start < this.hashes.length;) {
      const level = Math.floor(Math.log2(this.hashes.length - start));
      subtrees.push(this.node(level, start / 2 ** level));
      start += 2 ** level;
    }
    return foldSubtrees(subtrees) ?? Buffer.from(EMPTY_ROOT);
  }
}

function issuedLeaf(entry: IssuedEntry, header: { loggedAt: number; commitment: Buffer }): IssuedLeaf {
  const der = Buffer.from(entry.certificate, 'base64');
  const { tbs } = parseCertificate(der);
  return {
    type: 'issued',
    ...header,
    issuer: Buffer.from(entry.issuer, 'hex'),
    fingerprint: sha256(der),
    kind: entry.kind,
    serial: tbs.serialNumber,
    notBefore: timeValue(tbs.notBefore, 'notBefore').getTime(),
    notAfter: timeValue(tbs.notAfter, 'notAfter').getTime(),
    commonName: onlyCommonName(tbs.subject),
    der,
  };
}

function crlLeaf(entry: CrlEntry, header: { loggedAt: number; commitment: Buffer }): Leaf {
  return {
    type: 'crl',
    ...header,
    issuer: Buffer.from(entry.issuer, 'hex'),
    crlNumber: entry.crl_number,
    crlSha256: Buffer.from(entry.crl_sha256, 'hex'),
  };
}
