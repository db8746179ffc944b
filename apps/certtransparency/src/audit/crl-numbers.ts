import { Injectable } from '@nestjs/common';
import type { AllocatedCrlNumber } from '@libs/contracts';
import { LogDatabase, safeInteger } from '../database/log-database';

interface AllocationRow extends Record<string, unknown> {
  readonly number: string;
  readonly this_update: Date;
}

/** CRL numbers, one transaction each; a number whose answer is lost is skipped, never given twice. */
@Injectable()
export class CrlNumbers {
  constructor(private readonly database: LogDatabase) {}

  async allocate(issuer: string): Promise<AllocatedCrlNumber> {
    const row = await this.database.row<AllocationRow>('SELECT number, this_update FROM ct_crl.allocate($1)', [
      Buffer.from(issuer, 'hex'),
    ]);
    if (row === undefined) throw new Error('no number was allocated');
    return { number: safeInteger(row.number), this_update: row.this_update.toISOString() };
  }
}
