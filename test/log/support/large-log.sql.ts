/** Between two entries of a loaded log: a million of them make three years. */
export const STEP_MS = 94_608;
/** Of the loaded log's people, each with about forty-five certificates to a million entries. */
export const USERS = 20_000;
/** Of its pre-shared keys, by which computers and servers come. */
export const PSKS = 200;

/** Hex of 32 bytes that stand for something of the given name and number. */
const digest = (name: string, number = 'i') => `sha256(convert_to('${name}' || ${number}, 'UTF8'))`;

/** A uuid made of a name and a number. */
const uuid = (name: string, number = 'i') => `md5('${name}' || ${number})::uuid::text`;

/** What follows in a log upon what. */
export interface LogShape {
  /** Between two entries. */
  readonly stepMs: number;
  /** SQL for the issuer of entry `i`. */
  readonly issuer: string;
  /** The last of so many entries is a revocation. */
  readonly revokedEvery: number;
  /** It revokes the certificate so many entries before it. */
  readonly revokedBack: number;
  /** SQL that holds for an entry `i` that is a CRL. */
  readonly isCrl: string;
}

/** Three years of an organisation: one entry in twenty is a revocation, one in a thousand a CRL. */
export const USUAL_SHAPE: LogShape = {
  stepMs: STEP_MS,
  issuer: digest('issuer', '(i / 400000)'),
  revokedEvery: 20,
  revokedBack: 10,
  isCrl: 'i % 1000 = 500',
};

/** Within hours all that one issuer has issued is revoked, each certificate at once, and there has been no CRL. */
export function allRevoked(issuer: Buffer): LogShape {
  const hex = issuer.toString('hex');
  return { stepMs: 100, issuer: `decode('${hex}', 'hex')`, revokedEvery: 2, revokedBack: 1, isCrl: 'false' };
}

/** Every entry in a row of its own; $1 and $2 are the first and last index, $3 the log's start. */
const factsOf = ({ stepMs, issuer, revokedEvery, isCrl }: LogShape) => `
  SELECT i, $3::bigint + i * ${stepMs} AS logged,
    CASE WHEN i % ${revokedEvery} = ${revokedEvery - 1} THEN 2 WHEN ${isCrl} THEN 3 ELSE 1 END AS type,
    ${issuer} AS issuer,
    CASE WHEN h.kind < 90 THEN 1 WHEN h.kind < 99 THEN 2 ELSE 3 END AS kind,
    h.person, h.person % ${PSKS} AS psk
  FROM generate_series($1::bigint, $2::bigint) AS i,
    LATERAL (SELECT abs(hashint8(i)::bigint) % ${USERS} AS person, abs(hashint8(i + 7)::bigint) % 100 AS kind) AS h`;

const byte = (value: string) => `decode(lpad(to_hex(${value}), 2, '0'), 'hex')`;
const counted = (bytes: string) => `int2send(octet_length(${bytes})::smallint) || ${bytes}`;
const DAY = '86400000';

/** Of what certificates are made from; offsets count from 1. */
export const TEMPLATE_COLUMNS = {
  kind: 'integer',
  name_bytes: 'integer',
  der: 'bytea',
  serial_at: 'integer',
  not_before_at: 'integer',
  not_after_at: 'integer',
  name_at: 'integer',
};

/** Where the certificates of a chunk wait: making them takes longer than inserting them. */
export const PREPARE = `
  CREATE TEMPORARY TABLE loading (
    i bigint, logged bigint, type integer, issuer bytea, kind integer, fingerprint bytea, context text, cn text, der bytea,
    serial bytea, salt bytea, not_before bigint, not_after bigint
  );
  CREATE TEMPORARY TABLE template (
    ${Object.entries(TEMPLATE_COLUMNS)
      .map(([name, type]) => `${name} ${type}`)
      .join(', ')},
    PRIMARY KEY (kind, name_bytes)
  )`;

/** UTCTime. */
const derTime = (ms: string) =>
  `convert_to(to_char(ct.timestamp_of(${ms}) AT TIME ZONE 'UTC', 'YYMMDDHH24MISS"Z"'), 'UTF8')`;
/** The template with other bytes in the places that they have in it. */
const filled = (places: readonly (readonly [at: string, bytes: string])[]) =>
  places.reduce((bytes, [at, other]) => `overlay(${bytes} PLACING ${other} FROM ${at})`, 't.der');
const CERTIFICATE_DER = filled([
  ['t.serial_at', 'serial'],
  ['t.not_before_at', derTime('not_before')],
  ['t.not_after_at', derTime('not_after')],
  ['t.name_at', "convert_to(cn, 'UTF8')"],
]);

const certificatesOf = (facts: string) => `
  SELECT i, logged, type, issuer, f.kind, fingerprint, context, cn, built.der, serial, salt, not_before, not_after
  FROM (${facts}) AS f,
    LATERAL (SELECT ${digest('salt')} AS salt,
      logged / 1000 * 1000 - 300000 AS not_before,
      logged / 1000 * 1000 + ${DAY}::bigint * (CASE kind WHEN 1 THEN 90 WHEN 2 THEN 365 ELSE 397 END) AS not_after,
      set_byte(substring(${digest('serial')} FROM 1 FOR 20), 0, 1 + (i % 126)::integer) AS serial,
      CASE kind
        WHEN 1 THEN (ARRAY['anna', 'bela', 'chen', 'dmitri', 'edda', 'farid', 'gül', 'hana'])[1 + person % 8]
          || '.' || substr(md5('name' || person), 1, 6) || person || '@example.org'
        WHEN 2 THEN 'pc-' || person || '.berlin.example.net'
        ELSE 'gateway-' || psk || '.example.net'
      END AS cn,
      CASE kind
        WHEN 1 THEN format('{"issuance_id":"%s","user_id":"%s"}', ${uuid('issuance')}, ${uuid('user', 'person')})
        ELSE format('{"issuance_id":"%s","psk_id":"psk-%s"}', ${uuid('issuance')}, psk)
      END AS context
    ) AS made,
    template AS t,
    LATERAL (SELECT ${CERTIFICATE_DER} AS der) AS built,
    LATERAL (SELECT sha256(built.der) AS fingerprint) AS hashed
  WHERE type = 1 AND t.kind = f.kind AND t.name_bytes = octet_length(convert_to(cn, 'UTF8'))`;

const header = (fingerprint: string, commitment: string, of: string) =>
  `'\\x4f56504e4354310a'::bytea || ${byte(`${of}.type`)} || int8send(${of}.logged) || ${of}.issuer || ${fingerprint} || ${commitment}`;
/** One in each thousand entries, from 1 on for each issuer. */
const CRL_NUMBER = '(i % 400000) / 1000 + 1';
const ZEROS = "decode(repeat('00', 32), 'hex')";

const leavesOf = (facts: string, revokedBack: number) => `
  SELECT i, ${header('fingerprint', "sha256('\\x4f56504e4354312d707269766174650a'::bytea || salt || convert_to(context, 'UTF8'))", 'loading')}
    || ${byte('kind')} || serial || int8send(not_before) || int8send(not_after)
    || ${counted("convert_to(cn, 'UTF8')")} || ${counted('der')} AS leaf
  FROM loading
  UNION ALL
  SELECT f.i, ${header('revoked.fingerprint', ZEROS, 'f')} || ${byte('4')} || int8send(f.logged) || int8send(revoked.i) || ${ZEROS}
  FROM (${facts}) AS f JOIN loading AS revoked ON revoked.i = f.i - ${revokedBack}
  WHERE f.type = 2
  UNION ALL
  SELECT i, ${header(ZEROS, ZEROS, 'f')} || int8send(${CRL_NUMBER}) || ${digest('crl')}
  FROM (${facts}) AS f WHERE type = 3`;

/** In the order in which they have to run. */
export function chunkStatements(shape: LogShape): readonly string[] {
  const facts = factsOf(shape);
  const { revokedBack } = shape;
  return [
    'TRUNCATE loading',
    `INSERT INTO loading ${certificatesOf(facts)}`,
    `INSERT INTO ct.entry (idx, leaf, leaf_hash)
     SELECT i, leaf, sha256('\\x00'::bytea || leaf) FROM (${leavesOf(facts, revokedBack)}) AS l ORDER BY i`,
    `INSERT INTO ct.identity (fingerprint, kind, idx)
     SELECT CASE f.type WHEN 3 THEN ${digest('crl', 'f.i')} ELSE about.fingerprint END, f.type, f.i
     FROM (${facts}) AS f LEFT JOIN loading AS about ON about.i = CASE f.type WHEN 2 THEN f.i - ${revokedBack} ELSE f.i END
     ORDER BY f.i`,
    `INSERT INTO ct.certificate (idx, fingerprint, issuer, serial, kind, common_name, not_before, not_after, logged_at)
     SELECT i, fingerprint, issuer, serial, kind, cn,
       ct.timestamp_of(not_before), ct.timestamp_of(not_after), ct.timestamp_of(logged)
     FROM loading ORDER BY i`,
    'INSERT INTO ct.private_context (idx, entry_type, salt, context) SELECT i, 1, salt, context FROM loading ORDER BY i',
    `INSERT INTO ct.revocation (fingerprint, idx, issuer, reason, revoked_at, logged_at)
     SELECT c.fingerprint, i, c.issuer, 4, ct.timestamp_of(logged), ct.timestamp_of(logged)
     FROM (${facts}) AS f JOIN ct.certificate c ON c.idx = i - ${revokedBack} WHERE type = 2 ORDER BY i`,
    `INSERT INTO ct_crl.crl_number (issuer, number, this_update)
     SELECT issuer, ${CRL_NUMBER}, ct.timestamp_of(logged / 1000 * 1000) FROM (${facts}) AS f WHERE type = 3`,
  ];
}
