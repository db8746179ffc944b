import { FrontendClient } from './http/frontend-client';
import { signIn } from './login/sign-in';
import type { Settings } from './settings';
import type { Surroundings } from './surroundings';

/** What a command works with. */
export interface Session {
  readonly client: FrontendClient;
  readonly settings: Settings;
  readonly surroundings: Surroundings;
  /** Signs the person in: call it as late as possible. */
  readonly accessToken: () => Promise<string>;
}

export async function withSession<T>(
  settings: Settings,
  surroundings: Surroundings,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const client = new FrontendClient(settings, surroundings);
  try {
    return await work({ client, settings, surroundings, accessToken: () => signIn(client, settings, surroundings) });
  } finally {
    await client.close();
  }
}
