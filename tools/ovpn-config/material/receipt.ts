import { TlogError } from '@libs/tlog';
import { verifyProfile } from '../../ct-verify/commands/profile';
import { Refuted } from '../../ct-verify/verdict';
import { ExitStatus, Failed } from '../failed';
import type { Settings } from '../settings';
import { type Surroundings, progress } from '../surroundings';

/**
 * Proves with the receipt that the certificate stands in the log whose key is pinned; without a key there is nothing to prove it
 * with.
 * @throws Failed
 */
export function checkReceipt(text: string, { verifiers }: Settings, surroundings: Surroundings): void {
  if (verifiers.length === 0) {
    progress(surroundings, 'The receipt is not verified: no key of the log is set (--log-key).');
    return;
  }
  try {
    const { facts } = verifyProfile(text, verifiers);
    const index = facts.find(({ name }) => name === 'index')?.value;
    progress(surroundings, `The certificate stands in the log, at index ${String(index)}.`);
  } catch (error) {
    throw notProven(error);
  }
}

/** What a doubt about fetched material means; any other error stays what it is. */
export function notProven(error: unknown): unknown {
  if (!(error instanceof Refuted || error instanceof TlogError)) return error;
  const message = `What came is not used, because it is not proven: ${error.message}.`;
  return new Failed(ExitStatus.notProven, message, { cause: error });
}
