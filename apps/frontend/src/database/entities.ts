import { DownloadToken } from '../download-tokens/download-token.entity';
import { Issuance } from '../issuances/issuance.entity';
import { ProfileSession } from '../issuances/profile-session.entity';
import { Psk } from '../psks/psk.entity';
import { StoredSession } from '../sessions/session.entity';
import { User } from '../users/user.entity';

/** Every entity of the frontend's database. */
export const entities = [User, StoredSession, Psk, Issuance, DownloadToken, ProfileSession] as const;
