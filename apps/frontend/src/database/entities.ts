import { AccessToken } from '../credentials/access-token.entity';
import { DeviceAuthorization } from '../device-authorization/device-authorization.entity';
import { ApiToken } from '../api-tokens/api-token.entity';
import { DownloadToken } from '../download-tokens/download-token.entity';
import { AdminEvent } from '../events/event.entity';
import { Issuance } from '../issuances/issuance.entity';
import { ProfileSession } from '../issuances/profile-session.entity';
import { Renewal } from '../issuances/renewal.entity';
import { RateLimit } from '../limits/rate-limit.entity';
import { Psk } from '../psks/psk.entity';
import { ServerState } from '../servers/server-state.entity';
import { ProviderLogout } from '../sessions/provider-logout.entity';
import { StoredSession } from '../sessions/session.entity';
import { StoredSettings } from '../settings/settings.entity';
import { User } from '../users/user.entity';

/** Every entity of the frontend's database. */
export const entities = [
  User,
  StoredSession,
  Psk,
  Issuance,
  DownloadToken,
  ProfileSession,
  AdminEvent,
  StoredSettings,
  AccessToken,
  DeviceAuthorization,
  Renewal,
  RateLimit,
  ApiToken,
  ProviderLogout,
  ServerState,
] as const;
