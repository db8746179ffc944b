import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { newApiTokenSecret } from '../../apps/frontend/src/api-tokens/api-token-secret';
import { ApiToken } from '../../apps/frontend/src/api-tokens/api-token.entity';
import { AccessToken } from '../../apps/frontend/src/credentials/access-token.entity';
import { hashSecret } from '../../apps/frontend/src/credentials/secret';
import { DownloadToken } from '../../apps/frontend/src/download-tokens/download-token.entity';
import { Psk } from '../../apps/frontend/src/psks/psk.entity';
import { newPskSecret } from '../../apps/frontend/src/psks/psk-secret';
import { User } from '../../apps/frontend/src/users/user.entity';
import { AUDITORS, OIDC_ISSUER } from './frontend-variables';

/** Credentials that the frontend's database knows, in the clear. */
export interface FrontendCredentials {
  /** Of an auditor, for the admin API. */
  readonly apiToken: string;
  /** Of the holder of some fifty certificates of a loaded log. */
  readonly accessToken: string;
  /** Each of another person, each for one profile. */
  readonly downloadTokens: readonly string[];
  /** Looks like a pre-shared key whose public id is known, with another secret. */
  readonly wrongPsk: string;
}

export interface FrontendDataSize {
  readonly psks: number;
  readonly downloadTokens: number;
}

const BATCH = 500;
const DAY_MS = 86_400_000;

/** Fills an empty database. */
export async function fillFrontend(database: DataSource, size: FrontendDataSize): Promise<FrontendCredentials> {
  const now = new Date();
  const later = new Date(now.getTime() + DAY_MS);
  const users = [loadedUser(7), ...Array.from({ length: size.downloadTokens }, () => randomUUID())];
  const [holder = ''] = users;
  await insertAll(
    database,
    User,
    users.map((id) => person(id, now)),
  );
  const api = newApiTokenSecret();
  await database.getRepository(ApiToken).insert({
    id: randomUUID(),
    publicId: api.publicId,
    secretHash: hashSecret(api.secret),
    name: 'bench',
    scopes: ['certificates:read'],
    createdAt: now,
    createdBy: holder,
    expiresAt: later,
    lastUsedAt: null,
    revokedAt: null,
    revokedBy: null,
  });
  const accessToken = secret('ovat_');
  const access = { tokenHash: hashSecret(accessToken), userId: holder, createdAt: now, expiresAt: later };
  await database.getRepository(AccessToken).insert(access);
  const downloadTokens = users.slice(1).map(() => secret('ovdl_'));
  const links = downloadTokens.map((token, i) => link(token, users[i + 1] ?? '', now, later));
  await insertAll(database, DownloadToken, links);
  const keys = Array.from({ length: size.psks }, () => newPskSecret());
  await insertAll(
    database,
    Psk,
    keys.map((key) => psk(key, holder, now)),
  );
  const wrongPsk = `ovpsk_${keys[size.psks >> 1]?.publicId ?? ''}_${randomBytes(32).toString('base64url')}`;
  return { apiToken: api.secret, accessToken, downloadTokens, wrongPsk };
}

function secret(prefix: string): string {
  return `${prefix}${randomBytes(32).toString('base64url')}`;
}

/** The id of a loaded log's user. */
function loadedUser(n: number): string {
  const hex = createHash('md5')
    .update(`user${String(n)}`)
    .digest('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function person(id: string, now: Date): User {
  return {
    id,
    issuer: OIDC_ISSUER,
    subject: id,
    name: 'Bench',
    email: `${id}@example.org`,
    groups: [AUDITORS],
    createdAt: now,
    lastLoginAt: now,
    disabledAt: null,
  };
}

function link(token: string, userId: string, now: Date, expiresAt: Date): DownloadToken {
  return {
    tokenHash: hashSecret(token),
    userId,
    groups: [AUDITORS],
    options: [],
    deviceName: null,
    codeChallenge: null,
    createdAt: now,
    expiresAt,
    claimedAt: null,
    spentAt: null,
    issuanceId: null,
    exchangedAt: null,
    reuseCount: 0,
    lastReusedAt: null,
    lastReusedFrom: null,
  };
}

function psk(key: { readonly publicId: string; readonly secret: string }, createdBy: string, now: Date): Psk {
  return {
    id: randomUUID(),
    publicId: key.publicId,
    secretHash: hashSecret(key.secret),
    kind: 'server',
    commonName: 'vpn.example.org',
    templateSet: 'Default',
    description: 'bench',
    allowedNetworks: [],
    labels: {},
    expiresAt: null,
    useLimit: null,
    uses: 0,
    lastUsedAt: null,
    createdAt: now,
    createdBy,
    revokedAt: null,
    revokedBy: null,
  };
}

async function insertAll<T extends object>(
  database: DataSource,
  entity: new () => T,
  rows: readonly T[],
): Promise<void> {
  for (let start = 0; start < rows.length; start += BATCH) {
    const values = rows.slice(start, start + BATCH);
    await database.createQueryBuilder().insert().into(entity).values(values).updateEntity(false).execute();
  }
}
