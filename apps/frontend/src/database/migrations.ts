import { CreateUsers1764000001000 } from './migrations/1764000001000-create-users';
import { CreateSessions1764000002000 } from './migrations/1764000002000-create-sessions';
import { CreatePsks1764000003000 } from './migrations/1764000003000-create-psks';
import { CreateIssuances1764000004000 } from './migrations/1764000004000-create-issuances';
import { CreateDownloadTokens1764000005000 } from './migrations/1764000005000-create-download-tokens';
import { CreateProfileSessions1764000006000 } from './migrations/1764000006000-create-profile-sessions';
import { CreateServerStates1764000300000 } from './migrations/1764000300000-create-server-states';
import { AddUserDisabling1764000400000 } from './migrations/1764000400000-add-user-disabling';
import { CreateApiTokens1764000401000 } from './migrations/1764000401000-create-api-tokens';
import { CreateSettings1764000402000 } from './migrations/1764000402000-create-settings';
import { AddSessionDetails1764000403000 } from './migrations/1764000403000-add-session-details';
import { CreateProviderLogouts1764000404000 } from './migrations/1764000404000-create-provider-logouts';
import { IndexEndedIssuances1764000405000 } from './migrations/1764000405000-index-ended-issuances';
import { AddPskNetworks1764000500000 } from './migrations/1764000500000-add-psk-networks';
import { AddIssuanceDevices1764000501000 } from './migrations/1764000501000-add-issuance-devices';
import { AddDownloadTokenBindings1764000502000 } from './migrations/1764000502000-add-download-token-bindings';
import { CreateAccessTokens1764000503000 } from './migrations/1764000503000-create-access-tokens';
import { CreateDeviceAuthorizations1764000504000 } from './migrations/1764000504000-create-device-authorizations';
import { CreateRenewals1764000505000 } from './migrations/1764000505000-create-renewals';
import { CreateRateLimits1764000506000 } from './migrations/1764000506000-create-rate-limits';
import { CreateEvents1764000600000 } from './migrations/1764000600000-create-events';

/** Every migration of the frontend's database, in order. */
export const migrations = [
  CreateUsers1764000001000,
  CreateSessions1764000002000,
  CreatePsks1764000003000,
  CreateIssuances1764000004000,
  CreateDownloadTokens1764000005000,
  CreateProfileSessions1764000006000,
  CreateServerStates1764000300000,
  AddUserDisabling1764000400000,
  CreateApiTokens1764000401000,
  CreateSettings1764000402000,
  AddSessionDetails1764000403000,
  CreateProviderLogouts1764000404000,
  IndexEndedIssuances1764000405000,
  AddPskNetworks1764000500000,
  AddIssuanceDevices1764000501000,
  AddDownloadTokenBindings1764000502000,
  CreateAccessTokens1764000503000,
  CreateDeviceAuthorizations1764000504000,
  CreateRenewals1764000505000,
  CreateRateLimits1764000506000,
  CreateEvents1764000600000,
] as const;
