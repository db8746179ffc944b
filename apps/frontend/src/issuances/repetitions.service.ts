import { type IssuedCertificate, LogReader, SigningClient } from '@libs/contracts';
import { UnitOfWork } from '@libs/database';
import { Clock } from '@libs/http';
import { toPem } from '@libs/pki';
import { Injectable } from '@nestjs/common';
import { DataSource, In } from 'typeorm';
import type { CertificateOrder } from './certificate-order';
import { IdempotencyKeyInUse, IdempotencyKeyReused, IdempotencyKeyUsed, idempotencyOf } from './idempotency';
import { Issuance } from './issuance.entity';
import { ProfileSession } from './profile-session.entity';

/** Requests that came before under the same `Idempotency-Key`. */
@Injectable()
export class Repetitions {
  constructor(
    private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly log: LogReader,
    private readonly signing: SigningClient,
    private readonly clock: Clock,
  ) {}

  /**
   * What the first request made: for a caller who keeps the key, its certificate is handed out again, with the log's
   * receipt of today.
   *
   * @returns undefined when this is the first request, or the first made nothing
   * @throws IdempotencyKeyInUse, IdempotencyKeyReused, IdempotencyKeyUsed
   */
  async find(order: CertificateOrder): Promise<IssuedCertificate | undefined> {
    const idempotency = idempotencyOf(order);
    if (idempotency === undefined) return undefined;
    const { idempotencyHash, requestHash } = idempotency;
    const first = await this.dataSource
      .getRepository(Issuance)
      .findOneBy({ idempotencyHash, state: In(['pending', 'issued']) });
    if (first === null) return undefined;
    if (first.requestHash !== requestHash) throw new IdempotencyKeyReused();
    if (first.fingerprint === null) throw new IdempotencyKeyInUse();
    if (order.csr === undefined) throw new IdempotencyKeyUsed(first.fingerprint);
    const certificate = await this.recorded(first.fingerprint);
    await this.replaceSession(first.id, order.sessionTokenHash);
    return certificate;
  }

  private async recorded(fingerprint: string): Promise<IssuedCertificate> {
    const [record, receipt, { intermediate, root }] = await Promise.all([
      this.log.certificate(fingerprint),
      this.log.receipt(fingerprint),
      this.signing.chain(),
    ]);
    if (record?.certificate === undefined || record.revocation !== null) throw new IdempotencyKeyUsed(fingerprint);
    const { serial_number, index: log_index, not_before, not_after } = record;
    const certificate = toPem('CERTIFICATE', Buffer.from(record.certificate, 'base64'));
    const chain = [intermediate, root] as const;
    return { certificate, chain, receipt, serial_number, fingerprint, log_index, not_before, not_after };
  }

  /** The profile goes out with a session token of its own, and the one before it with it. */
  private async replaceSession(issuanceId: string, tokenHash: string | undefined): Promise<void> {
    if (tokenHash === undefined) return;
    const session = { tokenHash, issuanceId, createdAt: this.clock.now() };
    await this.unitOfWork.single((manager) =>
      manager
        .createQueryBuilder()
        .insert()
        .into(ProfileSession)
        .values(session)
        .orUpdate(['token_hash', 'created_at'], ['issuance_id'])
        .updateEntity(false)
        .execute(),
    );
  }
}
