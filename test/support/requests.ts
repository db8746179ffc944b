import { objectOf, type ApiSession } from './api-session';
import { ProfileFile } from './profile-file';

/** A profile for the signed-in person. */
export async function profileOf(session: ApiSession, options: readonly string[] = []): Promise<ProfileFile> {
  const page = await session.post('/api/v1/profiles', { options });
  if (page.status >= 300) throw new Error(`no profile: ${String(page.status)} ${page.body}`);
  return new ProfileFile(page.body);
}

/** A link that gives whoever follows it a profile of the signed-in person, once. */
export async function mintLink(session: ApiSession, options: readonly string[] = []): Promise<string> {
  const { url } = objectOf(await session.post('/api/v1/profiles', { options, delivery: 'link' }));
  return String(url);
}

interface PskOrder {
  readonly kind: 'server' | 'computer';
  readonly common_name: string;
  readonly use_limit?: number;
}

/** @returns the secret, as it is shown once */
export async function createPsk(admin: ApiSession, order: PskOrder): Promise<string> {
  const { secret } = objectOf(await admin.post('/api/v1/admin/psks', order));
  return String(secret);
}

export async function fetchWithPsk(frontendUrl: string, kind: PskOrder['kind'], secret: string): Promise<Response> {
  const response = await fetch(`${frontendUrl}/api/v1/${kind}/bundle`, {
    headers: { authorization: `Bearer ${secret}` },
  });
  if (response.status !== 200) throw new Error(`no bundle: ${String(response.status)} ${await response.text()}`);
  return response;
}
