import { randomBytes } from 'node:crypto';
import {
  actorCommitment,
  assembleProof,
  commitmentToJson,
  encodeLeaf,
  type Frontier,
  type Leaf,
  leafExtra,
  leafHash,
  NO_COMMITMENT,
  type NodeId,
  planInclusion,
  printReceipt,
} from '@libs/tlog';
import { CertificateNotFound } from '../certificate-not-found';
import type { CheckpointSigner } from '../log-key';
import { IssuanceKnown } from './audit.errors';
import type { Draft } from './draft';
import type { Head, Knowledge } from './findings';

/** What an append came to, once the batch is committed. */
export type Outcome =
  | { readonly kind: 'appended'; readonly index: number; readonly salt: Buffer | null }
  | { readonly kind: 'known'; readonly index: number }
  | { readonly kind: 'refused'; readonly error: Error };

interface NewEntry {
  readonly leaf: Leaf;
  readonly bytes: Buffer;
  readonly salt: Buffer | null;
  readonly context: string | null;
}

/**
 * A batch on top of a head: decides for each draft in turn whether it is new, known or refused, and grows the tree by the
 * new ones. Touches nothing outside itself, so that a batch which does not commit leaves no trace.
 */
export class Fold {
  readonly entries: NewEntry[] = [];
  readonly outcomes: Outcome[] = [];
  private readonly frontier: Frontier;
  private readonly nodes = new Map<string, Buffer>();
  private readonly seen = new Map<string, { readonly index: number; readonly draft: Draft }>();
  private readonly issuances = new Map<string, Buffer>();
  private readonly now: number;
  private signed: string | undefined;

  constructor(
    private readonly head: Head,
    private readonly signer: CheckpointSigner,
    now: Date,
  ) {
    this.frontier = head.frontier.clone();
    for (const { node, hash } of head.frontier.nodes()) this.nodes.set(keyOf(node), hash);
    // The log's time never goes back, whatever clocks do.
    this.now = Math.max(now.getTime(), head.loggedAt);
  }

  get size(): number {
    return this.frontier.size;
  }

  get root(): Buffer {
    return this.frontier.root();
  }

  /** Signed when first asked for, so after the last draft. */
  get checkpoint(): string {
    return (this.signed ??= this.signer.checkpoint(this.size, this.root));
  }

  add(draft: Draft, knowledge: Knowledge): void {
    this.outcomes.push(this.decide(draft, knowledge));
  }

  /** Receipt of an entry of this batch under the batch's own checkpoint. */
  receipt(index: number): string | undefined {
    const entry = this.entries[index - this.head.size];
    if (entry === undefined) return undefined;
    const proof = assembleProof(planInclusion(index, this.size), (node) => this.node(node));
    return printReceipt({ extra: leafExtra(entry.leaf), index, proof, checkpoint: this.checkpoint });
  }

  private decide(draft: Draft, knowledge: Knowledge): Outcome {
    const key = `${draft.type}:${draft.identity.toString('hex')}`;
    const known = knowledge.knownIndex ?? this.seen.get(key)?.index;
    if (known !== undefined) return { kind: 'known', index: known };
    const built = this.build(draft, knowledge);
    if (built instanceof Error) return { kind: 'refused', error: built };
    const index = this.frontier.size;
    this.frontier.append(leafHash(built.bytes), (node, hash) => this.nodes.set(keyOf(node), hash));
    this.entries.push(built);
    this.seen.set(key, { index, draft });
    if (draft.type === 'issued' && draft.issuanceId !== null) this.issuances.set(draft.issuanceId, draft.identity);
    return { kind: 'appended', index, salt: built.salt };
  }

  private build(draft: Draft, knowledge: Knowledge): NewEntry | Error {
    const salt = draft.context === null ? null : randomBytes(32);
    const commitment =
      salt === null || draft.context === null ? Buffer.from(NO_COMMITMENT) : commitmentToJson(salt, draft.context);
    const leaf = this.leafOf(draft, knowledge, { loggedAt: this.now, commitment }, salt);
    return leaf instanceof Error ? leaf : { leaf, bytes: encodeLeaf(leaf), salt, context: draft.context };
  }

  private leafOf(
    draft: Draft,
    knowledge: Knowledge,
    header: Pick<Leaf, 'loggedAt' | 'commitment'>,
    salt: Buffer | null,
  ): Leaf | Error {
    switch (draft.type) {
      case 'issued': {
        const other = knowledge.issuanceFingerprint ?? this.issuances.get(draft.issuanceId ?? '');
        if (other !== undefined) return new IssuanceKnown(other.toString('hex'));
        const { issuer, identity: fingerprint, kind, serial, notBefore, notAfter, commonName, der } = draft;
        return { type: 'issued', ...header, issuer, fingerprint, kind, serial, notBefore, notAfter, commonName, der };
      }
      case 'revoked': {
        const issued = knowledge.issued ?? this.issuedHere(draft.identity);
        if (issued === undefined) return new CertificateNotFound();
        const actor = salt === null || draft.actor === null ? NO_COMMITMENT : actorCommitment(salt, draft.actor);
        return {
          type: 'revoked',
          ...header,
          issuer: issued.issuer,
          fingerprint: draft.identity,
          reason: draft.reason,
          revokedAt: draft.revokedAt,
          issuedIndex: issued.index,
          actorCommitment: Buffer.from(actor),
        };
      }
      case 'crl':
        return { type: 'crl', ...header, issuer: draft.issuer, crlNumber: draft.crlNumber, crlSha256: draft.identity };
      case 'key_rotation':
        return { type: 'key_rotation', ...header, verifierKey: draft.verifierKey };
    }
  }

  private issuedHere(fingerprint: Buffer): { index: number; issuer: Buffer } | undefined {
    const found = this.seen.get(`issued:${fingerprint.toString('hex')}`);
    return found?.draft.type === 'issued' ? { index: found.index, issuer: found.draft.issuer } : undefined;
  }

  private node(node: NodeId): Buffer {
    const hash = this.nodes.get(keyOf(node));
    if (hash === undefined) throw new Error('a proof needs a node outside of the batch');
    return hash;
  }
}

function keyOf({ level, index }: NodeId): string {
  return `${String(level)}/${String(index)}`;
}
