import type { IssuedCertificate } from '@libs/contracts';
import { isUniqueViolation, UnitOfWork } from '@libs/database';
import { Clock } from '@libs/http';
import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { FrontendConfig } from '../config/frontend.config';
import { Limits } from '../limits/limits.service';
import { type CertificateOrder, ownerOf } from './certificate-order';
import { IdempotencyKeyInUse, idempotencyOf } from './idempotency';
import { Issuance } from './issuance.entity';
import { IssuanceTimedOut } from './issuance.errors';
import { ProfileSession } from './profile-session.entity';

/** Of a certificate, what an issuance remembers. */
export type CertificateFacts = Pick<IssuedCertificate, 'serial_number' | 'fingerprint' | 'log_index' | 'not_after'>;

/** An issuance in the hands of the request that began it, for as long as its lease in the database is this one. */
export interface BegunIssuance {
  readonly id: string;
  readonly leaseUntil: Date;
}

/**
 * What a request does with its issuance. Each change is one conditional UPDATE together with what it means for the
 * credential, and fails once reconciliation has taken the lease over: the two cannot both win.
 */
@Injectable()
export class IssuancesService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly limits: Limits,
    private readonly config: FrontendConfig,
    private readonly clock: Clock,
  ) {}

  /**
   * Claims the order's credential and writes the issuance down as pending, both or neither.
   *
   * @throws LimitReached, DomainError of the credential when it cannot be claimed, IdempotencyKeyInUse when a request with the same key
   *   was a moment faster
   */
  async begin(order: CertificateOrder): Promise<BegunIssuance> {
    await this.limits.take(this.config.limits.certificates, ownerOf(order.requester));
    const id = randomUUID();
    const now = this.clock.now();
    const leaseUntil = new Date(now.getTime() + this.config.issuanceLeaseSeconds * 1000);
    await this.unitOfWork.run(async (manager) => {
      await order.credential.claim(manager, id, now);
      await insertUnlessRepeated(manager, pendingIssuance(id, order, now, leaseUntil));
    });
    return { id, leaseUntil };
  }

  /**
   * The certificate is about to be handed out, and the credential is spent.
   *
   * @throws IssuanceTimedOut when reconciliation was faster: it revokes the certificate, which must not be handed out
   */
  async complete(begun: BegunIssuance, certificate: CertificateFacts, order: CertificateOrder): Promise<void> {
    await this.unitOfWork.run(async (manager) => {
      const now = this.clock.now();
      const issued = { state: 'issued' as const, holdsCredential: false, finishedAt: now, ...columnsOf(certificate) };
      if (!(await changeIfHeld(manager, begun, issued))) throw new IssuanceTimedOut();
      await order.credential.spend(manager, begun.id, now);
      if (order.sessionTokenHash === undefined) return;
      await manager.insert(ProfileSession, { tokenHash: order.sessionTokenHash, issuanceId: begun.id, createdAt: now });
    });
  }

  /** There is certainly no certificate: the issuance is over, and the credential is free again. */
  async fail(begun: BegunIssuance, errorCode: string, order: CertificateOrder): Promise<void> {
    await this.unitOfWork.run(async (manager) => {
      const failed = { state: 'failed' as const, holdsCredential: false, finishedAt: this.clock.now(), errorCode };
      if (await changeIfHeld(manager, begun, failed)) await order.credential.release(manager, begun.id);
    });
  }

  /**
   * Nobody will receive a certificate, though one may stand in the log: the credential is free again at once, and
   * reconciliation looks for the certificate when the lease is over.
   */
  async giveUp(begun: BegunIssuance, errorCode: string, order: CertificateOrder): Promise<void> {
    await this.unitOfWork.run(async (manager) => {
      const given = await changeIfHeld(manager, begun, { holdsCredential: false, errorCode });
      if (given) await order.credential.release(manager, begun.id);
    });
  }
}

/** @throws IdempotencyKeyInUse, which undoes the unit of work */
async function insertUnlessRepeated(manager: EntityManager, issuance: Issuance): Promise<void> {
  try {
    await manager.insert(Issuance, issuance);
  } catch (error) {
    if (issuance.idempotencyHash !== null && isUniqueViolation(error)) throw new IdempotencyKeyInUse();
    throw error;
  }
}

/** @returns whether the request still held its lease */
async function changeIfHeld(
  manager: EntityManager,
  { id, leaseUntil }: BegunIssuance,
  change: Partial<Issuance>,
): Promise<boolean> {
  const { affected } = await manager.update(Issuance, { id, leaseUntil, state: 'pending' }, change);
  return affected === 1;
}

/** @returns the columns that say which certificate an issuance made */
export function columnsOf(certificate: CertificateFacts): Partial<Issuance> {
  return {
    serialNumber: certificate.serial_number,
    fingerprint: certificate.fingerprint,
    logIndex: certificate.log_index,
    expiresAt: new Date(certificate.not_after),
  };
}

function pendingIssuance(id: string, order: CertificateOrder, now: Date, leaseUntil: Date): Issuance {
  const idempotency = idempotencyOf(order);
  return {
    id,
    kind: order.kind,
    userId: 'userId' in order.requester ? order.requester.userId : null,
    pskId: 'pskId' in order.requester ? order.requester.pskId : null,
    commonName: order.commonName,
    template: order.template,
    options: [...order.options],
    deviceName: order.deviceName ?? null,
    idempotencyHash: idempotency?.idempotencyHash ?? null,
    requestHash: idempotency?.requestHash ?? null,
    state: 'pending',
    holdsCredential: true,
    serialNumber: null,
    fingerprint: null,
    logIndex: null,
    errorCode: null,
    expiresAt: null,
    createdAt: now,
    leaseUntil,
    finishedAt: null,
    revokedAt: null,
  };
}
