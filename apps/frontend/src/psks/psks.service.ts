import { Clock, InvalidRequest } from '@libs/http';
import { Templates } from '@libs/openvpn';
import { isDnsName, parseCommonName } from '@libs/pki';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { randomUUID } from 'node:crypto';
import { IsNull } from 'typeorm';
import type { EntityManager, Repository } from 'typeorm';
import { FrontendConfig } from '../config/frontend.config';
import { pageOf, type CursorPage, type PageRequest } from '../credentials/page';
import { equalHashes, hashSecret } from '../credentials/secret';
import type { SpendableCredential } from '../credentials/spendable-credential';
import { isUsable, Psk } from './psk.entity';
import type { PskKind } from './psk.entity';
import { PskNotFound, PskRejected } from './psk.errors';
import { newPskSecret, publicIdOf } from './psk-secret';

export interface NewPsk {
  readonly kind: PskKind;
  /** Default for servers: the name that profiles insist on. */
  readonly commonName?: string | undefined;
  /** Default: the template set `Default` for servers, the group `default` for computers. */
  readonly templateSet?: string | undefined;
  readonly description?: string | undefined;
  readonly expiresAt?: Date | undefined;
  readonly useLimit?: number | undefined;
}

type CompletedOrder = NewPsk & { readonly commonName: string; readonly templateSet: string };

export interface CreatedPsk {
  readonly psk: Psk;
  readonly secret: string;
  readonly warning: string | undefined;
}

/** Compared with when no row was found, so that an unknown PSK costs what a wrong one costs. */
const NO_HASH = hashSecret('');

@Injectable()
export class PsksService {
  constructor(
    @InjectRepository(Psk) private readonly psks: Repository<Psk>,
    private readonly templates: Templates,
    private readonly clock: Clock,
    private readonly config: FrontendConfig,
  ) {}

  /**
   * @returns the new PSK and its secret, which nobody can read again; a warning if profiles would refuse its server
   * @throws InvalidRequest for a name, template set or expiry that cannot work
   */
  async create(order: NewPsk, createdBy: string): Promise<CreatedPsk> {
    const now = this.clock.now();
    const { server_name: serverName } = this.config.openvpn.site;
    const isServer = order.kind === 'server';
    const commonName = order.commonName ?? (isServer ? serverName : '');
    const templateSet = order.templateSet ?? (isServer ? 'Default' : 'default');
    this.check({ ...order, commonName, templateSet }, now);
    const { publicId, secret } = newPskSecret();
    const psk: Psk = {
      id: randomUUID(),
      publicId,
      secretHash: hashSecret(secret),
      kind: order.kind,
      commonName,
      templateSet,
      description: order.description ?? '',
      expiresAt: order.expiresAt ?? null,
      useLimit: order.useLimit ?? null,
      uses: 0,
      lastUsedAt: null,
      createdAt: now,
      createdBy,
      revokedAt: null,
      revokedBy: null,
    };
    await this.psks.insert(psk);
    const isRefused = isServer && commonName !== serverName;
    return { psk, secret, warning: isRefused ? otherServerName(commonName, serverName) : undefined };
  }

  async list(page: PageRequest): Promise<CursorPage<Psk>> {
    return pageOf(this.psks.createQueryBuilder('psk'), 'psk', page);
  }

  /** @throws PskNotFound */
  async read(id: string): Promise<Psk> {
    const psk = await this.psks.findOneBy({ id });
    if (psk === null) throw new PskNotFound();
    return psk;
  }

  /**
   * Ends a PSK for good. What it fetched stays valid. Revoking it again changes nothing.
   *
   * @throws PskNotFound
   */
  async revoke(id: string, revokedBy: string): Promise<Psk> {
    await this.psks.update({ id, revokedAt: IsNull() }, { revokedAt: this.clock.now(), revokedBy });
    return this.read(id);
  }

  /** @throws PskRejected, whatever is wrong, after the same work */
  async authenticate(secret: string): Promise<Psk> {
    const psk = await this.psks.findOneBy({ publicId: publicIdOf(secret) ?? '' });
    const matches = equalHashes(hashSecret(secret), psk?.secretHash ?? NO_HASH);
    if (psk === null || !matches || !isUsable(psk, this.clock.now())) throw new PskRejected();
    return psk;
  }

  /** One use of a PSK that has been authenticated. It may have been used up or revoked since: then the claim is refused. */
  useOf(psk: Psk): SpendableCredential {
    return {
      claim: async (manager, _issuanceId, now) => {
        const { affected } = await manager
          .createQueryBuilder()
          .update(Psk)
          .set({ uses: () => '"uses" + 1', lastUsedAt: now })
          .where('"id" = :id AND "revoked_at" IS NULL', { id: psk.id })
          .andWhere('("expires_at" IS NULL OR "expires_at" > :now)', { now })
          .andWhere('("use_limit" IS NULL OR "uses" < "use_limit")')
          .execute();
        if (affected !== 1) throw new PskRejected();
      },
      spend: () => Promise.resolve(),
      release: (manager) => this.giveBackUse(manager, psk.id),
    };
  }

  /** Undoes a claim whose certificate was never made. */
  async giveBackUse(manager: EntityManager, id: string): Promise<void> {
    await manager
      .createQueryBuilder()
      .update(Psk)
      .set({ uses: () => '"uses" - 1' })
      .where('"id" = :id AND "uses" > 0', { id })
      .execute();
  }

  private check({ kind, commonName, templateSet, expiresAt }: CompletedOrder, now: Date): void {
    const errors = [
      ...(isUsableName(kind, commonName) ? [] : [{ field: 'common_name', message: NAME_RULES[kind] }]),
      ...(this.hasTemplates(kind, templateSet)
        ? []
        : [
            {
              field: 'template_set',
              message: `there is no such ${kind === 'server' ? 'template set' : 'client template'}`,
            },
          ]),
      ...(expiresAt !== undefined && expiresAt <= now
        ? [{ field: 'expires_at', message: 'expires_at must be in the future' }]
        : []),
    ];
    if (errors.length > 0) throw new InvalidRequest(errors);
  }

  private hasTemplates(kind: PskKind, name: string): boolean {
    return (kind === 'server' ? this.templates.templateSets : this.templates.clientGroups).includes(name);
  }
}

const NAME_RULES: Readonly<Record<PskKind, string>> = {
  server: 'common_name must be a DNS name of at most 64 characters, in lower case',
  computer: 'common_name must have 1 to 64 characters, none of them a control character, and no blank at either end',
};

function otherServerName(commonName: string, serverName: string): string {
  return `Profiles insist on a server named ${serverName} (OPENVPN_SERVER_NAME) and will refuse one named ${commonName}`;
}

function isUsableName(kind: PskKind, name: string): boolean {
  if (kind === 'server') return name.length <= 64 && isDnsName(name);
  try {
    return parseCommonName(name) === name;
  } catch {
    return false;
  }
}
