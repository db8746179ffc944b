import { CreateLog1763971200000 } from './1763971200000-create-log';
import { CreateCrlNumbers1763971201000 } from './1763971201000-create-crl-numbers';
import { CreateSearchIndexes1763971201500 } from './1763971201500-create-search-indexes';
import { CreateErasures1763971201800 } from './1763971201800-create-erasures';
import { FreezeLog1763971202000 } from './1763971202000-freeze-log';
import { CreateWriteGate1763971203000 } from './1763971203000-create-write-gate';
import { GrantPrivileges1763971204000 } from './1763971204000-grant-privileges';

/** In the order in which they run. */
export const migrations = [
  CreateLog1763971200000,
  CreateCrlNumbers1763971201000,
  CreateSearchIndexes1763971201500,
  CreateErasures1763971201800,
  FreezeLog1763971202000,
  CreateWriteGate1763971203000,
  GrantPrivileges1763971204000,
] as const;
