import { UUID } from '@libs/contracts';
import { InvalidRequest } from '@libs/http';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { Psk } from '../psks/psk.entity';
import { PskNotFound } from '../psks/psk.errors';
import type { BulkCriterion } from './bulk-revocations.service';

type GivenCriteria = Readonly<Partial<Record<BulkCriterion['by'], string>>>;

/** Whose certificates a request means, by what the log knows them by. */
@Injectable()
export class BulkCriteria {
  constructor(@InjectRepository(Psk) private readonly psks: Repository<Psk>) {}

  /** @throws InvalidRequest unless exactly one is given; PskNotFound */
  async of({ user, psk, issuer }: GivenCriteria): Promise<BulkCriterion> {
    const given = Object.entries({ user, psk, issuer }).filter(([, value]) => value !== undefined);
    if (given.length !== 1) {
      const field = given[1]?.[0] ?? 'user';
      throw new InvalidRequest([{ field, message: 'exactly one of user, psk and issuer must be given' }]);
    }
    if (user !== undefined) return { by: 'user', value: user };
    if (psk !== undefined) return { by: 'psk', value: await this.publicIdOf(psk) };
    return { by: 'issuer', value: issuer ?? '' };
  }

  /** The log has public ids in its contexts. A key that we do not know by its public id may have been another installation's. */
  private async publicIdOf(psk: string): Promise<string> {
    if (!UUID.test(psk)) return psk;
    const row = await this.psks.findOneBy({ id: psk });
    if (row === null) throw new PskNotFound();
    return row.publicId;
  }
}
