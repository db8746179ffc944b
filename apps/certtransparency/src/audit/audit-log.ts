import { Injectable } from '@nestjs/common';
import type { AppendedEntry, LogEntry } from '@libs/contracts';
import { LogDatabase } from '../database/log-database';
import { Proofs } from '../proofs/proofs.service';
import { draftOf } from './drafting';
import { type Sequenced, Sequencer } from './sequencer';

interface SaltRow extends Record<string, unknown> {
  readonly salt: Buffer;
}

/** The one way to write history. */
@Injectable()
export class AuditLog {
  constructor(
    private readonly sequencer: Sequencer,
    private readonly proofs: Proofs,
    private readonly database: LogDatabase,
  ) {}

  /**
   * Appends durably, or finds the entry of the same identity that is there already.
   * @throws InvalidEntry, IssuanceKnown, CertificateNotFound; LogBusy, LogStopping, LogUnavailable
   */
  async append(entry: LogEntry): Promise<AppendedEntry> {
    const sequenced = await this.sequencer.append(draftOf(entry));
    const { index, known } = sequenced;
    return {
      index,
      receipt: sequenced.receipt ?? (await this.proofs.receipt(index)),
      context_salt: (await this.saltOf(sequenced))?.toString('base64') ?? null,
      known,
    };
  }

  private async saltOf({ known, index, salt }: Sequenced): Promise<Buffer | null> {
    if (!known) return salt;
    const row = await this.database.row<SaltRow>('SELECT salt FROM ct.private_context WHERE idx = $1', [index]);
    return row?.salt ?? null;
  }
}
