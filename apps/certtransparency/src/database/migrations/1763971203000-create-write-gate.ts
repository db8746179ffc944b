import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner } from '../as-owner';

/**
 * The only way into the log. The gate trusts the service with nothing that it can find out itself: it computes the tree
 * anew, checks that the checkpoint states just that, and takes every projection from the leaf.
 *
 * Errors: CT001 session, CT002 batch, CT003 size, CT004 root, CT005 checkpoint, CT006 leaf, CT007 commitment,
 * CT008 time, CT009 revocation; a second entry about the same thing violates `identity_pkey`, a second certificate for an
 * issuance `private_context_issuance_id_key`.
 */
export class CreateWriteGate1763971203000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await asOwner(queryRunner, async () => {
      for (const statement of [CHECK_SESSION, GROW, CHECK_NOTE, CHECK_LEAF, INSERT_ENTRIES, INSERT_TILES, APPEND]) {
        await queryRunner.query(statement);
      }
    });
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await asOwner(queryRunner, async () => {
      await queryRunner.query(`
        DROP FUNCTION ct.append_entries(bytea[], bytea[], text[], bigint, bytea, text);
        DROP FUNCTION ct.insert_tiles(smallint[], bigint[], bytea[]);
        DROP FUNCTION ct.insert_entries(bigint, bytea[], bytea[], bytea[], text[]);
        DROP FUNCTION ct.check_leaf(bytea, bytea, text);
        DROP FUNCTION ct.check_note(text, bigint, bytea, text);
        DROP FUNCTION ct.grow(bigint, bytea, bytea[]);
        DROP FUNCTION ct.check_session();`);
    });
  }
}

/** Under a higher isolation the head that is read after the lock would be the one from before it. */
const CHECK_SESSION = `
CREATE FUNCTION ct.check_session() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'the log is written under READ COMMITTED only' USING ERRCODE = 'CT001';
  END IF;
  IF current_setting('synchronous_commit') = 'off' THEN
    RAISE EXCEPTION 'the log is not written with synchronous_commit off' USING ERRCODE = 'CT001';
  END IF;
END $$;
`;

/** Appends leaf hashes to a frontier: the new frontier, its root, and the roots of the tiles that became full. */
const GROW = `
CREATE FUNCTION ct.grow(
  p_size bigint, p_frontier bytea, p_hashes bytea[],
  OUT frontier bytea, OUT root bytea, OUT tile_levels smallint[], OUT tile_ns bigint[], OUT tile_roots bytea[]
) LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  peaks bytea[] := '{}';
  node bytea;
  size bigint := p_size;
  above bigint;
  level integer;
BEGIN
  FOR i IN 0 .. octet_length(p_frontier) / 32 - 1 LOOP
    peaks := array_append(peaks, substring(p_frontier FROM i * 32 + 1 FOR 32));
  END LOOP;
  IF cardinality(peaks) <> bit_count(p_size::bit(64)) THEN
    RAISE EXCEPTION 'the stored frontier is not one of size %', p_size USING ERRCODE = 'CT004';
  END IF;
  FOREACH node IN ARRAY p_hashes LOOP
    above := size;
    level := 0;
    WHILE above % 2 = 1 LOOP
      node := ct.node_hash(peaks[cardinality(peaks)], node);
      peaks := trim_array(peaks, 1);
      above := above / 2;
      level := level + 1;
      IF level % 8 = 0 THEN
        tile_levels := array_append(tile_levels, (level / 8 - 1)::smallint);
        tile_ns := array_append(tile_ns, above);
        tile_roots := array_append(tile_roots, node);
      END IF;
    END LOOP;
    peaks := array_append(peaks, node);
    size := size + 1;
  END LOOP;
  root := peaks[cardinality(peaks)];
  FOR i IN REVERSE cardinality(peaks) - 1 .. 1 LOOP
    root := ct.node_hash(peaks[i], root);
  END LOOP;
  SELECT string_agg(peak, ''::bytea ORDER BY position) INTO frontier
    FROM unnest(peaks) WITH ORDINALITY AS p (peak, position);
END $$;
`;

/**
 * The signatures themselves cannot be checked here; what is signed can, and that the origin stays what it was. While a key
 * is being replaced there is a signature by either key, each a line of the origin's name: four bytes of key id and an
 * Ed25519 signature.
 */
const CHECK_NOTE = `
CREATE FUNCTION ct.check_note(p_note text, p_size bigint, p_root bytea, p_previous text) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  origin constant text := split_part(p_note, E'\\n', 1);
  signed constant text := origin || E'\\n' || p_size || E'\\n' || encode(p_root, 'base64') || E'\\n\\n';
  signer constant text := E'\\u2014 ' || origin || ' ';
  lines constant text[] := string_to_array(substr(p_note, length(signed) + 1), E'\\n');
  sound boolean := origin <> '' AND starts_with(p_note, signed) AND cardinality(lines) BETWEEN 2 AND 5
    AND lines[cardinality(lines)] = '';
BEGIN
  FOR i IN 1 .. cardinality(lines) - 1 LOOP
    sound := sound AND starts_with(lines[i], signer)
      AND substr(lines[i], length(signer) + 1) ~ '^[A-Za-z0-9+/]{91}=$';
  END LOOP;
  IF sound IS NOT TRUE THEN
    RAISE EXCEPTION 'the checkpoint does not state size % and root %', p_size, encode(p_root, 'hex')
      USING ERRCODE = 'CT005';
  END IF;
  IF p_previous IS NOT NULL AND origin <> split_part(p_previous, E'\\n', 1) THEN
    RAISE EXCEPTION 'the origin of the log must not change' USING ERRCODE = 'CT005';
  END IF;
END $$;
`;

/** Offsets count from 0, as in the description of the leaf: 113 bytes of header, then the body of its type. */
const CHECK_LEAF = `
CREATE FUNCTION ct.check_leaf(p_leaf bytea, p_salt bytea, p_context text) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  zeros constant bytea := decode(repeat('00', 32), 'hex');
  size constant integer := octet_length(p_leaf);
  issuer constant bytea := substring(p_leaf FROM 18 FOR 32);
  fingerprint constant bytea := substring(p_leaf FROM 50 FOR 32);
  commitment bytea := zeros;
  name_length integer;
  sound boolean := false;
BEGIN
  IF size >= 115 AND substring(p_leaf FROM 1 FOR 8) = '\\x4f56504e4354310a'::bytea THEN
    CASE get_byte(p_leaf, 8)
      WHEN 1 THEN
        name_length := CASE WHEN size > 152 THEN ct.u16(p_leaf, 150) END;
        sound := size > 154 + name_length AND name_length > 0
          AND get_byte(p_leaf, 113) BETWEEN 1 AND 3
          AND ct.u64(p_leaf, 134) >= 0 AND ct.u64(p_leaf, 142) >= 0
          AND size = 154 + name_length + ct.u16(p_leaf, 152 + name_length)
          AND fingerprint = sha256(substring(p_leaf FROM 155 + name_length));
      WHEN 2 THEN
        sound := size = 162 AND ct.u64(p_leaf, 114) >= 0 AND ct.u64(p_leaf, 122) >= 0;
      WHEN 3 THEN
        sound := size = 153 AND ct.u64(p_leaf, 113) > 0 AND fingerprint = zeros;
      WHEN 4 THEN
        sound := size > 115 AND size = 115 + ct.u16(p_leaf, 113) AND issuer = zeros AND fingerprint = zeros;
      ELSE NULL;
    END CASE;
  END IF;
  IF sound IS NOT TRUE THEN
    RAISE EXCEPTION 'a leaf is malformed' USING ERRCODE = 'CT006';
  END IF;
  IF p_salt IS NOT NULL OR p_context IS NOT NULL THEN
    commitment := sha256('\\x4f56504e4354312d707269766174650a'::bytea || p_salt || convert_to(p_context, 'UTF8'));
  END IF;
  IF substring(p_leaf FROM 82 FOR 32) IS DISTINCT FROM commitment THEN
    RAISE EXCEPTION 'the commitment is not to the context that came with the leaf' USING ERRCODE = 'CT007';
  END IF;
END $$;
`;

/**
 * Revocations come after the certificates, so that one issued and revoked in the same batch is found, and each is looked up
 * by itself: a join would read the whole table whenever the planner's figures are old.
 */
const INSERT_ENTRIES = `
CREATE FUNCTION ct.insert_entries(
  p_first bigint, p_leaves bytea[], p_hashes bytea[], p_salts bytea[], p_contexts text[]
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  revocations bigint;
  revoked bigint;
BEGIN
  INSERT INTO ct.entry (idx, leaf, leaf_hash)
    SELECT p_first + o - 1, leaf, hash FROM unnest(p_leaves, p_hashes) WITH ORDINALITY AS u (leaf, hash, o);
  INSERT INTO ct.identity (fingerprint, kind, idx)
    SELECT CASE get_byte(leaf, 8)
        WHEN 3 THEN substring(leaf FROM 122 FOR 32)
        WHEN 4 THEN sha256(substring(leaf FROM 116))
        ELSE substring(leaf FROM 50 FOR 32)
      END, get_byte(leaf, 8), p_first + o - 1
    FROM unnest(p_leaves) WITH ORDINALITY AS u (leaf, o);
  INSERT INTO ct.certificate
      (idx, fingerprint, issuer, serial, kind, common_name, not_before, not_after, logged_at)
    SELECT p_first + o - 1, substring(leaf FROM 50 FOR 32), substring(leaf FROM 18 FOR 32),
      substring(leaf FROM 115 FOR 20), get_byte(leaf, 113),
      convert_from(substring(leaf FROM 153 FOR ct.u16(leaf, 150)), 'UTF8'),
      ct.timestamp_of(ct.u64(leaf, 134)), ct.timestamp_of(ct.u64(leaf, 142)), ct.timestamp_of(ct.u64(leaf, 9))
    FROM unnest(p_leaves) WITH ORDINALITY AS u (leaf, o) WHERE get_byte(leaf, 8) = 1;
  INSERT INTO ct.private_context (idx, entry_type, salt, context)
    SELECT p_first + o - 1, get_byte(leaf, 8), salt, context
    FROM unnest(p_leaves, p_salts, p_contexts) WITH ORDINALITY AS u (leaf, salt, context, o)
    WHERE context IS NOT NULL;
  revocations := (SELECT count(*) FROM unnest(p_leaves) AS u (leaf) WHERE get_byte(leaf, 8) = 2);
  IF revocations = 0 THEN RETURN; END IF;
  INSERT INTO ct.revocation (fingerprint, idx, issuer, reason, revoked_at, logged_at)
    SELECT c.fingerprint, p_first + o - 1, c.issuer, get_byte(leaf, 113),
      ct.timestamp_of(ct.u64(leaf, 114)), ct.timestamp_of(ct.u64(leaf, 9))
    FROM unnest(p_leaves) WITH ORDINALITY AS u (leaf, o)
    CROSS JOIN LATERAL (
      SELECT * FROM ct.certificate WHERE fingerprint = substring(leaf FROM 50 FOR 32) LIMIT 1
    ) AS c
    WHERE get_byte(leaf, 8) = 2 AND c.issuer = substring(leaf FROM 18 FOR 32)
      AND c.idx = ct.u64(leaf, 122) AND c.idx < p_first + o - 1;
  GET DIAGNOSTICS revoked = ROW_COUNT;
  IF revoked <> revocations THEN
    RAISE EXCEPTION 'a revocation does not name an issued entry before it' USING ERRCODE = 'CT009';
  END IF;
END $$;
`;

/**
 * A tile of level 0 holds leaf hashes, one above it the roots of the full tiles beneath. They are read back for it, so here
 * it shows when the stored ones are not those that the tree has grown from.
 */
const INSERT_TILES = `
CREATE FUNCTION ct.insert_tiles(p_levels smallint[], p_ns bigint[], p_roots bytea[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  first bigint;
  beneath bytea[];
BEGIN
  FOR i IN 1 .. coalesce(cardinality(p_levels), 0) LOOP
    first := p_ns[i] * 256;
    IF p_levels[i] = 0 THEN
      beneath := ARRAY (SELECT leaf_hash FROM ct.entry WHERE idx >= first AND idx < first + 256 ORDER BY idx);
    ELSE
      beneath := ARRAY (
        SELECT root FROM ct.tile WHERE level = p_levels[i] - 1 AND n >= first AND n < first + 256 ORDER BY n
      );
    END IF;
    IF p_roots[i] IS DISTINCT FROM (SELECT root FROM ct.grow(0, '', beneath)) THEN
      RAISE EXCEPTION 'the hashes beneath tile % of level % do not lead to its root', p_ns[i], p_levels[i]
        USING ERRCODE = 'CT004';
    END IF;
    INSERT INTO ct.tile (level, n, hashes, root)
      SELECT p_levels[i], p_ns[i], string_agg(hash, ''::bytea ORDER BY o), p_roots[i]
      FROM unnest(beneath) WITH ORDINALITY AS u (hash, o);
  END LOOP;
END $$;
`;

const APPEND = `
CREATE FUNCTION ct.append_entries(
  p_leaves bytea[], p_salts bytea[], p_contexts text[], p_size bigint, p_root bytea, p_note text
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  n constant integer := cardinality(p_leaves);
  head record;
  tree record;
  hashes bytea[] := '{}';
  size bigint;
  last_time bigint;
BEGIN
  PERFORM ct.check_session();
  IF n IS NULL OR n = 0 OR cardinality(p_salts) IS DISTINCT FROM n OR cardinality(p_contexts) IS DISTINCT FROM n THEN
    RAISE EXCEPTION 'a batch needs a salt and a context, or null, for each of its leaves' USING ERRCODE = 'CT002';
  END IF;
  PERFORM pg_advisory_xact_lock(x'4f56504e4354'::bigint);
  SELECT c.size, c.frontier, c.note, (SELECT ct.u64(leaf, 9) FROM ct.entry WHERE idx = c.size - 1) AS logged_at
    INTO head FROM ct.checkpoint c ORDER BY c.size DESC LIMIT 1;
  size := coalesce(head.size, 0);
  IF size > 0 AND head.logged_at IS NULL THEN
    RAISE EXCEPTION 'the last entry of the log is missing' USING ERRCODE = 'CT003';
  END IF;
  IF p_size IS DISTINCT FROM size + n THEN
    RAISE EXCEPTION '% more entries make a log of %, not of %', n, size + n, p_size USING ERRCODE = 'CT003';
  END IF;
  last_time := coalesce(head.logged_at, 0);
  FOR i IN 1 .. n LOOP
    PERFORM ct.check_leaf(p_leaves[i], p_salts[i], p_contexts[i]);
    IF ct.u64(p_leaves[i], 9) < last_time THEN
      RAISE EXCEPTION 'logged_at must not decrease' USING ERRCODE = 'CT008';
    END IF;
    last_time := ct.u64(p_leaves[i], 9);
    hashes := array_append(hashes, ct.leaf_hash(p_leaves[i]));
  END LOOP;
  SELECT * INTO tree FROM ct.grow(size, coalesce(head.frontier, ''::bytea), hashes);
  IF p_root IS DISTINCT FROM tree.root THEN
    RAISE EXCEPTION 'the root of % entries is %', p_size, encode(tree.root, 'hex') USING ERRCODE = 'CT004';
  END IF;
  PERFORM ct.check_note(p_note, p_size, p_root, head.note);
  PERFORM ct.insert_entries(size, p_leaves, hashes, p_salts, p_contexts);
  PERFORM ct.insert_tiles(tree.tile_levels, tree.tile_ns, tree.tile_roots);
  INSERT INTO ct.checkpoint (size, root, note, frontier) VALUES (p_size, p_root, p_note, tree.frontier);
END $$;
`;
