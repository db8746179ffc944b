import type { SigningConfig } from './config/signing.config';
import { CrlFiles } from './crl/crl-files';
import { RootCrl } from './crl/root-crl';
import { failPoints } from './fail-points';
import { KeyStore } from './key-store/key-store';
import { ReceiptVerifier } from './log/receipt-verifier';

/** What must be in order before the service may start, opened and checked. */
export interface Installation {
  readonly config: SigningConfig;
  readonly keyStore: KeyStore;
  readonly receipts: ReceiptVerifier;
  readonly crlFiles: CrlFiles;
  readonly rootCrl: RootCrl;
}

/** @throws StartError with one sentence for whatever is wrong with keys, certificates or the root's CRL */
export async function openInstallation(config: SigningConfig): Promise<Installation> {
  failPoints.arm(config.failPoint);
  const receipts = ReceiptVerifier.pinning(config.logVerifierKeys);
  const keyStore = await KeyStore.open({
    directory: config.pkiDirectory,
    passphrases: config.keyPassphrases,
    active: config.activeIssuer,
    now: new Date(),
  });
  const crlFiles = new CrlFiles(keyStore);
  const rootCrl = new RootCrl(crlFiles);
  await rootCrl.load();
  return { config, keyStore, receipts, crlFiles, rootCrl };
}
