import { StartError } from '@libs/http';
import { type Issuer, toPem } from '@libs/pki';
import { join } from 'node:path';
import { findIssuers, topIssuerName, type IssuerFiles } from './issuer-folders';
import { assertValid, hasExpired, openIssuer, readIssuer, type SigningIssuer } from './signing-issuer';

/** PEM: the intermediate, then the root. */
export type Chain = readonly [intermediate: string, root: string];

export interface KeyStoreOptions {
  readonly directory: string;
  /** Tried in this order. */
  readonly passphrases: readonly string[];
  /** The name of the issuer that signs new certificates. */
  readonly active: string;
  readonly now: Date;
}

/** The CAs that this service signs for: one issues certificates, every one of them makes CRLs; above them stands the root. */
export class KeyStore {
  /** The active one first. None of them had expired when the store was opened. */
  readonly issuers: readonly [SigningIssuer, ...SigningIssuer[]];
  private readonly chains: ReadonlyMap<Issuer, Chain>;

  constructor(
    readonly directory: string,
    readonly active: SigningIssuer,
    readonly root: Issuer,
    others: readonly SigningIssuer[] = [],
  ) {
    this.issuers = [active, ...others];
    const rootPem = toPem('CERTIFICATE', root.der);
    this.chains = new Map(this.issuers.map(({ issuer }) => [issuer, [toPem('CERTIFICATE', issuer.der), rootPem]]));
  }

  /**
   * Reads `root.crt` and the issuers (`findIssuers`) of an owner-only folder. One that has expired and is not active is left out.
   * @throws StartError with a sentence for each way in which this can fail
   */
  static async open({ directory, passphrases, active, now }: KeyStoreOptions): Promise<KeyStore> {
    const found = await findIssuers(directory, active);
    const root = await openRoot(join(directory, 'root.crt'), now);
    const issuers: SigningIssuer[] = [];
    for (const files of inOrder(found, active, directory)) {
      const issuer = await readIssuer(files.certificate);
      if (files.name === active) assertValid(issuer, files.certificate, now);
      else if (hasExpired({ issuer }, now)) continue;
      if (!root.issued(issuer.certificate)) {
        throw new StartError(`${files.certificate} was not issued by the root in root.crt.`);
      }
      assertDistinct(issuer, files, issuers);
      issuers.push(await openIssuer(files, issuer, passphrases));
    }
    const [first, ...others] = issuers;
    if (first === undefined) throw new StartError(`${directory} holds no issuer.`);
    return new KeyStore(directory, first, root, others);
  }

  /** The issuer by the SHA-256 of its SubjectPublicKeyInfo, as the log names it. */
  find(spkiSha256: Uint8Array): SigningIssuer | undefined {
    return this.issuers.find(({ issuer }) => issuer.spkiSha256.equals(spkiSha256));
  }

  /** The certificates above one that `issuer` has issued. */
  chainOf({ issuer }: Pick<SigningIssuer, 'issuer'>): Chain {
    const chain = this.chains.get(issuer);
    if (chain === undefined) throw new Error('the issuer is none of the key store');
    return chain;
  }
}

async function openRoot(path: string, now: Date): Promise<Issuer> {
  const root = await readIssuer(path);
  assertValid(root, path, now);
  if (!root.issued(root.certificate)) throw new StartError(`${path} has not signed itself: it is no root.`);
  return root;
}

/** The active one first, the others by name. */
function inOrder(found: readonly IssuerFiles[], active: string, directory: string): readonly IssuerFiles[] {
  const chosen = found.find(({ name }) => name === active);
  if (chosen !== undefined) return [chosen, ...found.filter((files) => files !== chosen)];
  const names = found.map(({ name }) => name).join(', ');
  throw new StartError(
    `${directory} holds no issuer ${active}, which SIGNING_ACTIVE_ISSUER names; it holds ${names || 'none'}.`,
  );
}

/**
 * The log tells issuers apart by key, and OpenVPN finds a CRL by the issuer's name: two that share one of them would have their
 * revocations mixed up.
 */
function assertDistinct(issuer: Issuer, files: IssuerFiles, others: readonly SigningIssuer[]): void {
  for (const other of others) {
    const same = other.issuer.spkiSha256.equals(issuer.spkiSha256)
      ? 'key'
      : other.issuer.subject.equals(issuer.subject) && 'name';
    if (same !== false) {
      throw new StartError(`${files.certificate} has the same ${same} as the issuer ${other.name}: give each its own.`);
    }
  }
}

export { topIssuerName };
export type { SigningIssuer };
