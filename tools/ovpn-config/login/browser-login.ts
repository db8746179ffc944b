import { createHash, randomBytes } from 'node:crypto';
import { ExitStatus, Failed } from '../failed';
import type { FrontendClient } from '../http/frontend-client';
import { type Surroundings, progress } from '../surroundings';
import { accessTokenOf } from './access-token';
import { LoopbackListener } from './loopback-listener';

/** How long a person may take. */
const PATIENCE_MS = 5 * 60_000;

/**
 * Login in a browser of this machine, which comes back to a port here. Only whoever has the verifier can use what it brings
 * (RFC 7636): another program that listens in gets nothing. Answers an access token.
 */
export async function browserLogin(client: FrontendClient, surroundings: Surroundings): Promise<string> {
  const verifier = randomBytes(32).toString('base64url');
  const state = randomBytes(24).toString('base64url');
  const listener = await LoopbackListener.open(state);
  try {
    const query = new URLSearchParams({
      cli_port: String(listener.port),
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      state,
    });
    const page = `${client.url}/auth/login?${query.toString()}`;
    surroundings.stderr(`Sign in here, in a browser of this machine:\n\n  ${page}\n\n`);
    surroundings.openBrowser(page);
    const code = await tokenInTime(listener, surroundings);
    progress(surroundings, 'Signed in.');
    const body = { grant_type: 'authorization_code', code, code_verifier: verifier };
    return accessTokenOf(await client.jsonOrProblem({ method: 'POST', path: '/api/v1/token', body }));
  } finally {
    listener.close();
  }
}

async function tokenInTime(listener: LoopbackListener, { signal }: Surroundings): Promise<string> {
  const patience = AbortSignal.timeout(PATIENCE_MS);
  try {
    return await listener.token(AbortSignal.any([signal, patience]));
  } catch (error) {
    if (!patience.aborted) throw error;
    throw new Failed(ExitStatus.notSignedIn, 'Nobody signed in within five minutes.', { cause: error });
  }
}
