import type { Ceremony } from '../ceremony';
import { required } from '../ceremony-plan';
import { isSelfIssued } from '../existing-ca/ca-fitness';
import { findCa } from '../existing-ca/ca-folder';
import { importIntermediate } from './import-intermediate';
import { importRoot } from './import-root';

/**
 * Takes over a CA that another tool has made: a root becomes ours to issue intermediates with, an intermediate gets a folder for
 * the signing service. Whatever blocks is told all at once, and then nothing is written. A rehearsal only looks, and opens the
 * key. Answers the path of the transcript.
 */
export async function importAuthority(ceremony: Ceremony): Promise<string> {
  const plan = required(ceremony.plan.import, 'import');
  const ca = await findCa(ceremony, plan.from);
  return isSelfIssued(ca.certificate) ? importRoot(ceremony, ca) : importIntermediate(ceremony, ca, plan);
}
