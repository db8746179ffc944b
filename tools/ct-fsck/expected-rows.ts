import type { IssuedLeaf, Leaf, RevokedLeaf } from '@libs/tlog';
import { sha256 } from '@libs/pki';
import { encodeRow, wire } from './database/wire-row';

/** What a row of a table looks like, and how its rows are read: the casts fix what comes over the wire. */
export interface TableShape {
  readonly table: string;
  readonly columns: readonly string[];
  readonly select: string;
}

function shape(table: string, key: string, columns: Readonly<Record<string, string>>, condition = ''): TableShape {
  const list = Object.entries(columns).map(([name, type]) => `${name}::${type}`);
  return {
    table,
    columns: Object.keys(columns),
    select: `SELECT ${list.join(', ')} FROM ${table} ${condition} ORDER BY ${key}`,
  };
}

export const ENTRIES = shape('ct.entry', 'idx', { idx: 'int8', leaf: 'bytea', leaf_hash: 'bytea' });
/**
 * The same with one byte for a certificate in the leaves, which is all that anything was derived from but the hash: an issued
 * leaf has 150 bytes, the name's length and the name before its certificate.
 */
export const ENTRIES_WITHOUT_CERTIFICATES: TableShape = {
  ...ENTRIES,
  select: `SELECT idx::int8,
      CASE WHEN octet_length(leaf) > 152 AND get_byte(leaf, 8) = 1
        THEN substring(leaf FROM 1 FOR 152 + get_byte(leaf, 150) * 256 + get_byte(leaf, 151)) || '\\x000100'::bytea
        ELSE leaf END::bytea,
      leaf_hash::bytea
    FROM ct.entry ORDER BY idx`,
};
export const IDENTITIES = shape('ct.identity', 'idx', { idx: 'int8', fingerprint: 'bytea', kind: 'int2' });
export const CERTIFICATES = shape('ct.certificate', 'idx', {
  idx: 'int8',
  fingerprint: 'bytea',
  issuer: 'bytea',
  serial: 'bytea',
  kind: 'int2',
  common_name: 'text',
  not_before: 'timestamptz',
  not_after: 'timestamptz',
  logged_at: 'timestamptz',
});
export const REVOCATIONS = shape('ct.revocation', 'idx', {
  idx: 'int8',
  fingerprint: 'bytea',
  issuer: 'bytea',
  reason: 'int2',
  revoked_at: 'timestamptz',
  logged_at: 'timestamptz',
});
export const CONTEXTS = shape('ct.private_context', 'idx', {
  idx: 'int8',
  entry_type: 'int2',
  salt: 'bytea',
  context: 'text',
  issuance_id: 'text',
  user_id: 'text',
  psk_id: 'text',
});
export const ERASURES = shape('ct.erasure', 'idx', { idx: 'int8' });
const TILE_COLUMNS = { n: 'int8', level: 'int2', hashes: 'bytea', root: 'bytea' };
export const LOWEST_TILES = shape('ct.tile', 'n', TILE_COLUMNS, 'WHERE level = 0');
export const UPPER_TILES = shape('ct.tile', 'level, n', TILE_COLUMNS, 'WHERE level <> 0');
export const CHECKPOINTS = shape('ct.checkpoint', 'size', {
  size: 'int8',
  root: 'bytea',
  frontier: 'bytea',
  note: 'text',
});
export const CRL_NUMBERS = shape('ct_crl.crl_number', 'issuer, number', {
  number: 'int8',
  issuer: 'bytea',
  this_update: 'timestamptz',
});

const TYPE_NUMBERS: Readonly<Record<Leaf['type'], number>> = { issued: 1, revoked: 2, crl: 3, key_rotation: 4 };
const KIND_NUMBERS: Readonly<Record<IssuedLeaf['kind'], number>> = { user: 1, computer: 2, server: 3 };

export function typeNumber(leaf: Leaf): Buffer {
  return wire.int2(TYPE_NUMBERS[leaf.type]);
}

export function identityRow(index: Buffer, leaf: Leaf): Buffer {
  return encodeRow([index, identityOf(leaf), typeNumber(leaf)]);
}

/** SHA-256 that names, together with the type, what an entry is about. */
function identityOf(leaf: Leaf): Buffer {
  switch (leaf.type) {
    case 'issued':
    case 'revoked':
      return leaf.fingerprint;
    case 'crl':
      return leaf.crlSha256;
    case 'key_rotation':
      return sha256(Buffer.from(leaf.verifierKey));
  }
}

export function certificateRow(index: Buffer, leaf: IssuedLeaf): Buffer {
  return encodeRow([
    index,
    leaf.fingerprint,
    leaf.issuer,
    leaf.serial,
    wire.int2(KIND_NUMBERS[leaf.kind]),
    wire.text(leaf.commonName),
    wire.timestamp(leaf.notBefore),
    wire.timestamp(leaf.notAfter),
    wire.timestamp(leaf.loggedAt),
  ]);
}

export function revocationRow(index: Buffer, leaf: RevokedLeaf): Buffer {
  return encodeRow([
    index,
    leaf.fingerprint,
    leaf.issuer,
    wire.int2(leaf.reason),
    wire.timestamp(leaf.revokedAt),
    wire.timestamp(leaf.loggedAt),
  ]);
}
