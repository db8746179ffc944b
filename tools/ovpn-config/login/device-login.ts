import { printable } from '../../cli/refused';
import { ExitStatus, Failed } from '../failed';
import type { FrontendClient } from '../http/frontend-client';
import { type Surroundings, progress } from '../surroundings';
import { accessTokenOf } from './access-token';

const GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
/** RFC 8628 §3.5. */
const SLOW_DOWN_SECONDS = 5;

interface Authorization {
  readonly deviceCode: string;
  readonly interval: number;
  readonly expiresIn: number;
}

/** Login in a browser of another machine, where a code is typed (RFC 8628). Answers an access token. */
export async function deviceLogin(
  client: FrontendClient,
  deviceName: string,
  surroundings: Surroundings,
): Promise<string> {
  const path = '/api/v1/device/authorize';
  const begun = await client.json({ method: 'POST', path, body: { device_name: deviceName.slice(0, 64) } });
  surroundings.stderr(instructions(begun));
  progress(surroundings, 'Waiting until somebody allows it …');
  return poll(client, authorizationOf(begun), surroundings);
}

async function poll(client: FrontendClient, begun: Authorization, { wait, signal }: Surroundings): Promise<string> {
  const body = { grant_type: GRANT, device_code: begun.deviceCode };
  let { interval } = begun;
  for (let waited = 0; waited < begun.expiresIn; waited += interval) {
    await wait(interval * 1000, signal);
    const answer = await client.jsonOrProblem({ method: 'POST', path: '/api/v1/token', body });
    const { error } = answer.value;
    if (error === 'slow_down') interval += SLOW_DOWN_SECONDS;
    else if (answer.ok || error !== 'authorization_pending') return accessTokenOf(answer);
  }
  throw new Failed(ExitStatus.notSignedIn, 'Nobody allowed it in time: begin again.');
}

function instructions(begun: Readonly<Record<string, unknown>>): string {
  const { verification_uri: page, verification_uri_complete: shortcut, user_code: code } = begun;
  const lines = [
    'Open this page on any device with a browser, and type the code:',
    '',
    `  ${printable(String(page))}`,
    `  ${printable(String(code))}`,
    '',
  ];
  if (typeof shortcut === 'string') lines.push(`or this one, and compare the code: ${printable(shortcut)}`, '');
  return `${lines.join('\n')}\n`;
}

function authorizationOf(begun: Readonly<Record<string, unknown>>): Authorization {
  const { device_code: deviceCode, interval = 5, expires_in: expiresIn } = begun;
  if (typeof deviceCode !== 'string' || typeof interval !== 'number' || typeof expiresIn !== 'number') {
    throw new Failed(ExitStatus.unavailable, 'The frontend did not begin a device authorization.');
  }
  return { deviceCode, interval: Math.max(1, interval), expiresIn };
}
