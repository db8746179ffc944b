import type { Response } from 'express';
import type { IssuedProfile } from './profile-issuer.service';

export const PROFILE_TYPE = 'application/x-openvpn-profile';

/** Headers of an answer with a key in it: a file to be saved, and never kept by a cache. */
export function attachmentHeaders(fileName: string, type: string): Record<string, string> {
  return {
    'Content-Type': type,
    'Content-Disposition': `attachment; filename="${fileName}"`,
    'Cache-Control': 'no-store',
  };
}

/** Sends a profile as the download that OpenVPN clients know. */
export function sendProfile(response: Response, profile: IssuedProfile): void {
  response
    .status(200)
    .set(attachmentHeaders(profile.fileName, PROFILE_TYPE))
    .set('VPN-Session-Token', profile.sessionToken)
    .set('Certificate-Fingerprint', profile.fingerprint)
    .end(profile.content);
}
