import type { CertificateKind, PrivateContext } from '@libs/contracts';
import type { SpendableCredential } from '../credentials/spendable-credential';

/** What the log's private context says, as a plain object. */
export type LogContext = Pick<PrivateContext, keyof PrivateContext>;

/** Everything that making a certificate needs to know. Templates have been rendered by the time there is an order. */
export interface CertificateOrder {
  readonly kind: CertificateKind;
  readonly commonName: string;
  /** Servers only. */
  readonly dnsNames?: readonly string[];
  readonly requester: Requester;
  /** Group of the client template, or the server's template set. */
  readonly template: string;
  readonly options: readonly string[];
  /** What the owner calls the device; ours alone, the log does not hear of it. */
  readonly deviceName?: string | undefined;
  /** The issuance whose certificate this one takes the place of. */
  readonly renews?: string;
  /** Goes to the log, all but the issuance id. */
  readonly context: LogContext;
  readonly credential: SpendableCredential;
  /** PKCS#10 in PEM of a key that the caller keeps; without it a key pair is made. */
  readonly csr?: string | undefined;
  /** SHA-256 of the `VPN-Session-Token` that goes out with the profile. */
  readonly sessionTokenHash?: string;
  /** The caller's `Idempotency-Key`: a repetition of the request makes no second certificate. */
  readonly idempotencyKey?: string | undefined;
}

export type Requester = { readonly userId: string } | { readonly pskId: string };

/** One text for each person and each PSK. */
export function ownerOf(requester: Requester): string {
  return 'userId' in requester ? `user ${requester.userId}` : `psk ${requester.pskId}`;
}

/** Pays for nothing: a person who is signed in asks in person. */
export const NO_CREDENTIAL: SpendableCredential = {
  claim: () => Promise.resolve(),
  spend: () => Promise.resolve(),
  release: () => Promise.resolve(),
};

/** Several conditions of one certificate, claimed in this order, and all of them or none. */
export function together(...credentials: readonly SpendableCredential[]): SpendableCredential {
  return {
    claim: async (manager, issuanceId, now) => {
      for (const credential of credentials) await credential.claim(manager, issuanceId, now);
    },
    spend: async (manager, issuanceId, now) => {
      for (const credential of credentials) await credential.spend(manager, issuanceId, now);
    },
    release: async (manager, issuanceId) => {
      for (const credential of credentials) await credential.release(manager, issuanceId);
    },
  };
}
