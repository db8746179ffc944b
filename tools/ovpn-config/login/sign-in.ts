import type { FrontendClient } from '../http/frontend-client';
import type { LoginKind, Settings } from '../settings';
import type { Surroundings } from '../surroundings';
import { browserLogin } from './browser-login';
import { deviceLogin } from './device-login';

/** Signs a person in and answers an access token. It is kept nowhere: every run signs in. @throws Failed */
export async function signIn(client: FrontendClient, settings: Settings, surroundings: Surroundings): Promise<string> {
  const kind = settings.login ?? likelyLogin(surroundings.environment);
  if (kind === 'browser') return browserLogin(client, surroundings);
  return deviceLogin(client, settings.deviceName ?? surroundings.hostName, surroundings);
}

/** A browser that runs elsewhere, as at the other end of an SSH session, would not find the port here. */
function likelyLogin(environment: Surroundings['environment']): LoginKind {
  if (environment['SSH_CONNECTION'] !== undefined) return 'device';
  if (process.platform === 'darwin' || process.platform === 'win32') return 'browser';
  const display = environment['WAYLAND_DISPLAY'] ?? environment['DISPLAY'] ?? '';
  return display === '' ? 'device' : 'browser';
}
