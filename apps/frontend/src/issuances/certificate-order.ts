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
  readonly requester: { readonly userId: string } | { readonly pskId: string };
  /** Group of the client template, or the server's template set. */
  readonly template: string;
  readonly options: readonly string[];
  /** Goes to the log, all but the issuance id. */
  readonly context: LogContext;
  readonly credential: SpendableCredential;
  /** PKCS#10 in PEM of a key that the caller keeps; without it a key pair is made. */
  readonly csr?: string;
  /** SHA-256 of the `VPN-Session-Token` that goes out with the profile. */
  readonly sessionTokenHash?: string;
}

/** Pays for nothing: a person who is signed in asks in person. */
export const NO_CREDENTIAL: SpendableCredential = {
  claim: () => Promise.resolve(),
  spend: () => Promise.resolve(),
  release: () => Promise.resolve(),
};
