import { Injectable } from '@nestjs/common';
import {
  type AppendedRevocations,
  type BulkRevocationCriteria,
  type BulkRevocationEntry,
  type BulkRevocationOutcome,
  type BulkRevocationPreview,
  type KnownRevocations,
  REVOCATION_REASON_CODES,
} from '@libs/contracts';
import { Clock } from '@libs/http';
import { LogDatabase, safeInteger } from '../database/log-database';
import { Proofs } from '../proofs/proofs.service';
import { type ActiveCertificates, activeParameters, summariseActive, type SummaryRow } from './active-certificates';
import { RevocationSetChanged } from './audit.errors';
import {
  type ConfirmedSet,
  type Criterion,
  criterionOf,
  parseConfirmation,
  printConfirmation,
  setDigest,
} from './bulk-confirmation';
import { contextJson } from './drafting';
import type { RevocationFold } from './revocation-fold';
import { Sequencer } from './sequencer';

/** Revoking all certificates of a user, a pre-shared key or an issuer in one piece. */
@Injectable()
export class BulkRevocations {
  constructor(
    private readonly sequencer: Sequencer,
    private readonly proofs: Proofs,
    private readonly database: LogDatabase,
    private readonly clock: Clock,
  ) {}

  /** @throws InvalidRequest, LogUnavailable */
  async preview(query: BulkRevocationCriteria): Promise<BulkRevocationPreview> {
    const criterion = criterionOf(query);
    // The size first: entries become visible in order, so all below it are there for the second statement.
    const { size } = await this.proofs.checkpoint();
    const moment = this.clock.now().getTime();
    const { count, digest } = await this.summary({ criterion, moment, size });
    return { count, confirmation: printConfirmation({ size, moment, count, digest }) };
  }

  /** @throws InvalidRequest, RevocationSetChanged, BulkTooLarge: nothing was done; LogBusy, LogStopping, LogUnavailable */
  async revoke(entry: BulkRevocationEntry): Promise<BulkRevocationOutcome> {
    const { confirmation, context, reason, revoked_at: revokedAt } = entry;
    const criterion = criterionOf(entry);
    const confirmed = confirmation === undefined ? undefined : parseConfirmation(confirmation);
    const order = {
      reason: REVOCATION_REASON_CODES[reason],
      revokedAt: Date.parse(revokedAt),
      actor: context?.actor ?? null,
      context: contextJson(context),
    };
    try {
      return outcomeOf(await this.sequencer.revokeMany({ criterion, confirmed, order }));
    } catch (error) {
      const isChanged = error instanceof RevocationSetChanged;
      const known = isChanged && confirmed !== undefined ? await this.known(criterion, confirmed) : undefined;
      if (known === undefined) throw error;
      return known;
    }
  }

  /**
   * The same request may come a second time because its first answer was lost: then the set that it confirms is found revoked,
   * which it stays, and nothing is left to do.
   */
  private async known(criterion: Criterion, confirmed: ConfirmedSet): Promise<KnownRevocations | undefined> {
    const { count, digest, revoked, lastIndex, issuers } = await this.summary({ criterion, ...confirmed });
    if (digest !== confirmed.digest || revoked !== count || lastIndex === null) return undefined;
    // Shows nothing that is not anchored.
    await this.proofs.checkpoint();
    return { known: true, count, last_index: lastIndex, issuers: issuers.map(hex) };
  }

  private async summary(of: ActiveCertificates) {
    const row = await this.database.row<SummaryRow>(summariseActive(of.criterion), activeParameters(of));
    if (row === undefined) throw new Error('the database counted nothing');
    return {
      count: safeInteger(row.count),
      digest: setDigest(of.criterion, row.fingerprints),
      revoked: safeInteger(row.revoked),
      lastIndex: row.last_index === null ? null : safeInteger(row.last_index),
      issuers: row.issuers,
    };
  }
}

const hex = (bytes: Buffer) => bytes.toString('hex');

function outcomeOf(fold: RevocationFold): AppendedRevocations {
  const { targets, head } = fold;
  return {
    known: false,
    revoked: targets.map(({ fingerprint, issuer, index }) => {
      return { fingerprint: hex(fingerprint), issuer: hex(issuer), index };
    }),
    first_index: head.size,
    logged_at: new Date(fold.loggedAt).toISOString(),
    context_salt: fold.salt?.toString('base64') ?? null,
    frontier: head.frontier.serialize().toString('base64'),
    checkpoint: targets.length === 0 ? null : fold.checkpoint,
  };
}
