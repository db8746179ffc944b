import { CreateUsers1764000001000 } from './migrations/1764000001000-create-users';
import { CreateSessions1764000002000 } from './migrations/1764000002000-create-sessions';
import { CreatePsks1764000003000 } from './migrations/1764000003000-create-psks';
import { CreateIssuances1764000004000 } from './migrations/1764000004000-create-issuances';
import { CreateDownloadTokens1764000005000 } from './migrations/1764000005000-create-download-tokens';
import { CreateProfileSessions1764000006000 } from './migrations/1764000006000-create-profile-sessions';

/** Every migration of the frontend's database, in order. */
export const migrations = [
  CreateUsers1764000001000,
  CreateSessions1764000002000,
  CreatePsks1764000003000,
  CreateIssuances1764000004000,
  CreateDownloadTokens1764000005000,
  CreateProfileSessions1764000006000,
] as const;
