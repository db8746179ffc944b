import { refuseDataLoss } from '@libs/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner } from '../as-owner';

/**
 * The log itself: leaves, the tree over them, and the projections that are searched. Rows are only ever inserted.
 * Hashes and serial numbers are bytes; positions count from 0 without a gap.
 */
export class CreateLog1763971200000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await asOwner(queryRunner, async () => {
      // Functions are open to everybody unless told otherwise, and not one of these is meant to be.
      await queryRunner.query('ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC');
      await queryRunner.query('CREATE SCHEMA ct');
      await queryRunner.query(BYTES);
      await queryRunner.query(TREE);
      await queryRunner.query(PROJECTIONS);
      await queryRunner.query(PRIVATE_CONTEXT);
    });
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await asOwner(queryRunner, async () => {
      await refuseDataLoss(queryRunner, 'ct.entry', 'ct.checkpoint', 'ct.private_context');
      await queryRunner.query(`
        DROP TABLE ct.private_context, ct.revocation, ct.certificate, ct.checkpoint, ct.tile, ct.identity, ct.entry;
        DROP FUNCTION ct.timestamp_of(bigint), ct.u64(bytea, integer), ct.u16(bytea, integer),
          ct.node_hash(bytea, bytea), ct.leaf_hash(bytea);
        DROP SCHEMA ct;
        ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO PUBLIC;`);
    });
  }
}

const BYTES = `
CREATE FUNCTION ct.leaf_hash(leaf bytea) RETURNS bytea
  LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN sha256('\\x00'::bytea || leaf);
CREATE FUNCTION ct.node_hash(l bytea, r bytea) RETURNS bytea
  LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN sha256('\\x01'::bytea || l || r);
-- Big-endian numbers, by offset from 0. Above 2^63 the result would be negative, which the write gate refuses.
CREATE FUNCTION ct.u16(bytes bytea, at integer) RETURNS integer
  LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN get_byte(bytes, at) * 256 + get_byte(bytes, at + 1);
CREATE FUNCTION ct.u64(bytes bytea, at integer) RETURNS bigint
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN ('x' || encode(substring(bytes FROM at + 1 FOR 8), 'hex'))::bit(64)::bigint;
CREATE FUNCTION ct.timestamp_of(milliseconds bigint) RETURNS timestamptz
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN to_timestamp(milliseconds::double precision / 1000);
`;

/**
 * Tables that are about an entry name its position without a foreign key: those cost a look-up and a row lock for each
 * row, half of an append. Entries have no gaps and never go, so a trigger that compares the largest position says the same.
 */
const TREE = `
CREATE TABLE ct.entry (
  idx bigint CONSTRAINT entry_pkey PRIMARY KEY CONSTRAINT entry_idx_check CHECK (idx >= 0),
  leaf bytea NOT NULL CONSTRAINT entry_leaf_check CHECK (octet_length(leaf) BETWEEN 113 AND 65535),
  leaf_hash bytea NOT NULL CONSTRAINT entry_leaf_hash_check CHECK (leaf_hash = ct.leaf_hash(leaf))
);
-- Leaves hold DER, which does not compress: trying costs time at every append.
ALTER TABLE ct.entry ALTER COLUMN leaf SET STORAGE EXTERNAL;

-- What an entry is about, by the number of its leaf type: a certificate issued (1), revoked (2), a CRL (3), a key (4).
CREATE TABLE ct.identity (
  fingerprint bytea CONSTRAINT identity_fingerprint_check CHECK (octet_length(fingerprint) = 32),
  kind smallint CONSTRAINT identity_kind_check CHECK (kind BETWEEN 1 AND 4),
  idx bigint NOT NULL CONSTRAINT identity_idx_key UNIQUE,
  CONSTRAINT identity_pkey PRIMARY KEY (fingerprint, kind)
);

-- Full tiles only; a partial one is derived from the rows beneath it.
CREATE TABLE ct.tile (
  level smallint CONSTRAINT tile_level_check CHECK (level BETWEEN 0 AND 7),
  n bigint CONSTRAINT tile_n_check CHECK (n >= 0),
  hashes bytea NOT NULL CONSTRAINT tile_hashes_check CHECK (octet_length(hashes) = 8192),
  root bytea NOT NULL CONSTRAINT tile_root_check CHECK (octet_length(root) = 32),
  CONSTRAINT tile_pkey PRIMARY KEY (level, n)
);

CREATE TABLE ct.checkpoint (
  size bigint CONSTRAINT checkpoint_pkey PRIMARY KEY CONSTRAINT checkpoint_size_check CHECK (size > 0),
  root bytea NOT NULL CONSTRAINT checkpoint_root_check CHECK (octet_length(root) = 32),
  note text NOT NULL,
  frontier bytea NOT NULL CONSTRAINT checkpoint_frontier_check CHECK (octet_length(frontier) % 32 = 0),
  created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp()
);
`;

const PROJECTIONS = `
CREATE TABLE ct.certificate (
  idx bigint CONSTRAINT certificate_pkey PRIMARY KEY,
  fingerprint bytea NOT NULL CONSTRAINT certificate_fingerprint_key UNIQUE,
  issuer bytea NOT NULL CONSTRAINT certificate_issuer_check CHECK (octet_length(issuer) = 32),
  serial bytea NOT NULL CONSTRAINT certificate_serial_check CHECK (octet_length(serial) = 20),
  kind smallint NOT NULL CONSTRAINT certificate_kind_check CHECK (kind BETWEEN 1 AND 3),
  common_name text NOT NULL,
  not_before timestamptz(3) NOT NULL,
  not_after timestamptz(3) NOT NULL,
  logged_at timestamptz(3) NOT NULL
);

-- Revoked means that a row is here: the first one, for ever.
CREATE TABLE ct.revocation (
  fingerprint bytea CONSTRAINT revocation_pkey PRIMARY KEY
    CONSTRAINT revocation_fingerprint_fkey REFERENCES ct.certificate (fingerprint),
  idx bigint NOT NULL CONSTRAINT revocation_idx_key UNIQUE,
  issuer bytea NOT NULL,
  reason smallint NOT NULL CONSTRAINT revocation_reason_check CHECK (reason IN (0, 1, 2, 3, 4, 5, 6, 9, 10)),
  revoked_at timestamptz(3) NOT NULL,
  logged_at timestamptz(3) NOT NULL
);
CREATE INDEX revocation_issuer_idx ON ct.revocation (issuer, idx);
`;

const PRIVATE_CONTEXT = `
-- The one table that may be erased from. The text is what the leaf's commitment was made over, to the byte; what is
-- searched is computed from it and from nothing else.
CREATE TABLE ct.private_context (
  idx bigint CONSTRAINT private_context_pkey PRIMARY KEY,
  entry_type smallint NOT NULL,
  salt bytea NOT NULL CONSTRAINT private_context_salt_check CHECK (octet_length(salt) = 32),
  context text NOT NULL,
  issuance_id text GENERATED ALWAYS AS (context::jsonb ->> 'issuance_id') STORED,
  user_id text GENERATED ALWAYS AS (context::jsonb ->> 'user_id') STORED,
  psk_id text GENERATED ALWAYS AS (context::jsonb ->> 'psk_id') STORED
);
CREATE UNIQUE INDEX private_context_issuance_id_key ON ct.private_context (issuance_id) WHERE entry_type = 1;
`;
