import { setTimeout as delay } from 'node:timers/promises';
import type { ManagementConnection } from './management-connection';
import type { ListedSession } from './management-protocol';

/** `unknown`: the session began before the last revocation, and its certificate was told to nobody. */
export type Verdict = 'revoked' | 'unknown';

/** For the message to be on its way before the session ends. */
const MESSAGE_MS = 150;

/**
 * Ends sessions. `client-kill` tells the client, which leaves (HALT) or comes back to show its certificate anew (RESTART); a
 * client that does not listen would stay for five more seconds, so the server's end is closed as well.
 */
export async function cut(
  connection: ManagementConnection,
  offenders: readonly (ListedSession & { readonly verdict: Verdict })[],
  sessions: readonly ListedSession[],
): Promise<void> {
  const told = offenders.map(({ clientId, verdict }) =>
    connection.succeeds(`client-kill ${clientId} ${verdict === 'revoked' ? 'HALT' : 'RESTART'}`),
  );
  await Promise.all(told);
  await delay(MESSAGE_MS);
  await Promise.all(offenders.map((offender) => close(connection, offender, sessions)));
}

/** `kill` knows IPv4 addresses and names. A name may stand for several sessions: it is used where it stands for one. */
async function close(
  connection: ManagementConnection,
  { realAddress, commonName }: ListedSession,
  sessions: readonly ListedSession[],
): Promise<void> {
  if (/^(\d{1,3}\.){3}\d{1,3}:\d{1,5}$/.test(realAddress) && (await connection.succeeds(`kill ${realAddress}`))) return;
  const isPlain = /^[\w.@-]+$/.test(commonName);
  const isOnlyOne = sessions.filter((session) => session.commonName === commonName).length === 1;
  if (isPlain && isOnlyOne) await connection.succeeds(`kill ${commonName}`);
}
