import { type EntityManager, In } from 'typeorm';
import { ApiToken } from '../api-tokens/api-token.entity';
import { AccessToken } from '../credentials/access-token.entity';
import { DeviceAuthorization } from '../device-authorization/device-authorization.entity';
import { DownloadToken } from '../download-tokens/download-token.entity';
import { Issuance } from '../issuances/issuance.entity';
import { ProfileSession } from '../issuances/profile-session.entity';
import { Renewal } from '../issuances/renewal.entity';
import { ProviderLogout } from '../sessions/provider-logout.entity';
import { StoredSession } from '../sessions/session.entity';

/** What is deleted, and when. */
export interface RetentionRule {
  /** Of the table, as reports call it. */
  readonly name: string;
  readonly entity: new () => object;
  /** The column that names a row. */
  readonly key: string;
  /**
   * SQL on the table's columns. `:recently` is an hour ago, longer than any request lasts; `:cutoff` is as many days ago as
   * what has come to an end is kept.
   */
  readonly isOver: string;
  /** Deletes what refers to the rows, which would keep them. */
  readonly release?: (manager: EntityManager, keys: readonly string[]) => Promise<void>;
}

/** In an order in which nothing that is still referred to comes too early. */
export const RETENTION_RULES: readonly RetentionRule[] = [
  {
    name: 'sessions',
    entity: StoredSession,
    key: 'id_hash',
    isOver: '"absolute_expires_at" < :recently OR "idle_expires_at" < :recently OR "destroyed_at" < :recently',
  },
  { name: 'provider_logouts', entity: ProviderLogout, key: 'token_hash', isOver: '"expires_at" < :recently' },
  { name: 'access_tokens', entity: AccessToken, key: 'token_hash', isOver: '"expires_at" < :recently' },
  {
    name: 'device_authorizations',
    entity: DeviceAuthorization,
    key: 'device_code_hash',
    isOver: '"expires_at" < :recently',
  },
  {
    name: 'download_tokens',
    entity: DownloadToken,
    key: 'token_hash',
    // One that pays for a certificate which is being made may have to be given back.
    isOver: `"expires_at" < :cutoff AND ("issuance_id" IS NULL OR "issuance_id" NOT IN
      (SELECT "id" FROM "issuances" WHERE "state" = 'pending'))`,
  },
  {
    name: 'api_tokens',
    entity: ApiToken,
    key: 'id',
    isOver: '"expires_at" < :cutoff OR "revoked_at" < :cutoff',
  },
  {
    name: 'issuances',
    entity: Issuance,
    key: 'id',
    // The certificates themselves stand in the log for ever.
    isOver: `"expires_at" < :cutoff AND "state" IN ('issued', 'superseded')
      OR "finished_at" < :cutoff AND "state" = 'failed'`,
    release: async (manager, keys) => {
      await manager.delete(ProfileSession, { issuanceId: In([...keys]) });
      await manager.delete(DownloadToken, { issuanceId: In([...keys]) });
      await manager.delete(Renewal, { issuanceId: In([...keys]) });
      await manager.delete(Renewal, { renewedBy: In([...keys]) });
    },
  },
];
