import { LogoutTokenInvalid, type ProviderLogoutNotice, providerSubjectHash } from '@libs/auth';
import { isUniqueViolation, UnitOfWork } from '@libs/database';
import { Clock } from '@libs/http';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type FindOptionsWhere, IsNull, MoreThanOrEqual, type Repository } from 'typeorm';
import { ProviderLogout } from './provider-logout.entity';
import { StoredSession } from './session.entity';

/** Whose login has been completed. */
export interface NewLogin {
  readonly issuer: string;
  readonly subject: string;
  readonly providerSessionHash: string | undefined;
  readonly issuedAt: Date;
}

/** Longer than a login can be under way, and than a logout token is accepted. */
const KEPT_MS = 3_600_000;

/** Logouts that the identity provider tells us of behind the browser's back. */
@Injectable()
export class ProviderLogouts {
  constructor(
    @InjectRepository(ProviderLogout) private readonly logouts: Repository<ProviderLogout>,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
  ) {}

  /**
   * Ends the sessions that the notice is about. It is recorded first, so that a login which is under way either is seen
   * here or sees it there.
   *
   * @param userId of the notice's subject; undefined when it names none or nobody whom we know
   * @returns how many sessions there were
   * @throws LogoutTokenInvalid for a notice that came before
   */
  async end(notice: ProviderLogoutNotice, userId: string | undefined): Promise<number> {
    await this.record(notice);
    let count = 0;
    for (const which of sessionsOf(notice, userId)) {
      const running = { ...which, destroyedAt: IsNull() };
      const { affected } = await this.unitOfWork.single((manager) =>
        manager.update(StoredSession, running, { destroyedAt: this.clock.now() }),
      );
      count += affected ?? 0;
    }
    return count;
  }

  /** Whether a login that has just been completed was ended at the provider while it was under way. */
  async includes({ issuer, subject, providerSessionHash, issuedAt }: NewLogin): Promise<boolean> {
    const ofPerson = { subjectHash: providerSubjectHash(issuer, subject), issuedAt: MoreThanOrEqual(issuedAt) };
    const ofSession = providerSessionHash === undefined ? [] : [{ sessionHash: providerSessionHash }];
    return this.logouts.existsBy([ofPerson, ...ofSession]);
  }

  private async record({ tokenHash, sessionHash, issuer, subject, issuedAt }: ProviderLogoutNotice): Promise<void> {
    const isOfPerson = sessionHash === undefined && subject !== undefined;
    const logout: ProviderLogout = {
      tokenHash,
      sessionHash: sessionHash ?? null,
      subjectHash: isOfPerson ? providerSubjectHash(issuer, subject) : null,
      issuedAt,
      expiresAt: new Date(this.clock.now().getTime() + KEPT_MS),
    };
    try {
      await this.unitOfWork.single((manager) => manager.insert(ProviderLogout, logout));
    } catch (error) {
      if (isUniqueViolation(error)) throw new LogoutTokenInvalid('the token came before');
      throw error;
    }
  }
}

/** Of a provider that names its sessions here and not at the login, all of the person's that bear no name are meant. */
function sessionsOf(
  { sessionHash, subject }: ProviderLogoutNotice,
  userId: string | undefined,
): readonly FindOptionsWhere<StoredSession>[] {
  if (subject !== undefined && userId === undefined) return [];
  const ofPerson = userId === undefined ? {} : { userId };
  if (sessionHash === undefined) return userId === undefined ? [] : [ofPerson];
  const named = { ...ofPerson, providerSessionHash: sessionHash };
  return userId === undefined ? [named] : [named, { userId, providerSessionHash: IsNull() }];
}
