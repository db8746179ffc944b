import { createCsr, generateKeyPair, spkiOf, toPem } from '@libs/pki';
import { join } from 'node:path';
import type { Ceremony } from '../ceremony';
import { markedName, required } from '../ceremony-plan';
import { requestFacts } from '../facts';
import { INTERMEDIATE_KEY, INTERMEDIATE_REQUEST } from '../intermediate';
import { sealed } from '../root';

/** The folder of the output folder under which each request has its own. */
const REQUESTS = 'requests';

/**
 * Where an intermediate will sign: its encrypted key, which stays there, and the request that goes to the ceremony. Of the request
 * only the key will count. Answers the path of the transcript.
 */
export async function requestIntermediate(ceremony: Ceremony): Promise<string> {
  const { plan, surroundings } = ceremony;
  const { name, key: algorithm } = required(plan.request, 'request');
  const path = join(REQUESTS, name);
  await ceremony.assertAbsent(path);
  const passphrase = await surroundings.passphrases.forNewKey('intermediate');
  const keyPair = await generateKeyPair(algorithm);
  const spki = spkiOf(keyPair.publicKey);
  ceremony.make(INTERMEDIATE_KEY, await sealed(keyPair.privateKey, spki, passphrase));
  const csr = createCsr(keyPair, markedName(name, surroundings));
  ceremony.make(INTERMEDIATE_REQUEST, toPem('CERTIFICATE REQUEST', csr));
  ceremony.record(...requestFacts(spki));
  ceremony.note(
    `${INTERMEDIATE_KEY} stays here. ${INTERMEDIATE_REQUEST} goes to the ceremony, whose file names Key SHA-256.`,
  );
  return ceremony.finish(path);
}
