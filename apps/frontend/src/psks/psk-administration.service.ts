import { UnitOfWork } from '@libs/database';
import { Clock } from '@libs/http';
import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { DataSource, IsNull } from 'typeorm';
import { pageOf, type CursorPage, type PageRequest } from '../credentials/page';
import { hashSecret } from '../credentials/secret';
import { type EventActor, Events } from '../events/events.service';
import { Psk } from './psk.entity';
import { PskNotFound } from './psk.errors';
import { type CheckedPskOrder, type NewPsk, PskOrders } from './psk-orders';
import { newPskSecret } from './psk-secret';

export interface CreatedPsk {
  readonly psk: Psk;
  readonly secret: string;
  readonly warning: string | undefined;
}

/** What system administrators do with PSKs; each change leaves an event, both or neither. */
@Injectable()
export class PskAdministration {
  constructor(
    private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly orders: PskOrders,
    private readonly events: Events,
    private readonly clock: Clock,
  ) {}

  /**
   * @returns the new PSK and its secret, which nobody can read again; a warning if profiles would refuse its server
   * @throws InvalidRequest for a name, template set, network or expiry that cannot work
   */
  async create(order: NewPsk, actor: EventActor): Promise<CreatedPsk> {
    const now = this.clock.now();
    const checked = this.orders.check(order, now);
    const { publicId, secret } = newPskSecret();
    const psk = newPsk(checked, { publicId, secretHash: hashSecret(secret), createdAt: now, createdBy: actor.userId });
    await this.unitOfWork.run(async (manager) => {
      await manager.insert(Psk, psk);
      const { kind, commonName: common_name } = psk;
      const details = { public_id: publicId, kind, common_name, template_set: psk.templateSet };
      await this.events.record(manager, { actor, action: 'psk.created', objectId: psk.id, details });
    });
    return { psk, secret, warning: checked.warning };
  }

  async list(page: PageRequest): Promise<CursorPage<Psk>> {
    return pageOf(this.dataSource.getRepository(Psk).createQueryBuilder('psk'), 'psk', page);
  }

  /** @throws PskNotFound */
  async read(id: string): Promise<Psk> {
    const psk = await this.dataSource.getRepository(Psk).findOneBy({ id });
    if (psk === null) throw new PskNotFound();
    return psk;
  }

  /**
   * Ends a PSK for good; what it fetched stays valid. Revoking it again changes nothing.
   *
   * @throws PskNotFound
   */
  async revoke(id: string, actor: EventActor): Promise<Psk> {
    await this.unitOfWork.run(async (manager) => {
      const end = { revokedAt: this.clock.now(), revokedBy: actor.userId };
      const { affected } = await manager.update(Psk, { id, revokedAt: IsNull() }, end);
      if (affected === 1)
        await this.events.record(manager, { actor, action: 'psk.revoked', objectId: id, details: {} });
    });
    return this.read(id);
  }
}

type Identity = Pick<Psk, 'publicId' | 'secretHash' | 'createdAt' | 'createdBy'>;

function newPsk(order: CheckedPskOrder, identity: Identity): Psk {
  return {
    id: randomUUID(),
    ...identity,
    kind: order.kind,
    commonName: order.commonName,
    templateSet: order.templateSet,
    description: order.description ?? '',
    allowedNetworks: [...(order.allowedNetworks ?? [])],
    labels: { ...order.labels },
    expiresAt: order.expiresAt ?? null,
    useLimit: order.useLimit ?? null,
    uses: 0,
    lastUsedAt: null,
    revokedAt: null,
    revokedBy: null,
  };
}
