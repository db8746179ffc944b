import type { EntityManager } from 'typeorm';

/**
 * What a caller pays for a certificate with: a download token, or one use of a PSK. It is claimed before the certificate
 * is made, spent when it has been, and released when it never will be. Each method runs in the unit of work that changes
 * the issuance, so that the two never disagree.
 */
export interface SpendableCredential {
  /**
   * Takes it for the issuance, by one conditional UPDATE whose affected count decides.
   *
   * @throws DomainError when nothing is left to take, which undoes the unit of work
   */
  claim(manager: EntityManager, issuanceId: string, now: Date): Promise<void>;
  spend(manager: EntityManager, issuanceId: string, now: Date): Promise<void>;
  release(manager: EntityManager, issuanceId: string): Promise<void>;
}
