import { parsePrivateKey, TlogError } from '@libs/tlog';
import type { Ed25519Signer } from '@libs/tlog';
import { StartError } from '@libs/http';

/** Injection tokens of what the configuration decides. */
export const LOG_SIGNER = Symbol('LOG_SIGNER');
export const MAX_QUEUED_ENTRIES = Symbol('MAX_QUEUED_ENTRIES');

/** @throws StartError with a sentence that does not repeat the key */
export function readLogKey(text: string): Ed25519Signer {
  try {
    return parsePrivateKey(text);
  } catch (error) {
    if (error instanceof TlogError)
      throw new StartError(`CT_CHECKPOINT_KEY is not a private note key: ${error.message}.`);
    throw error;
  }
}
