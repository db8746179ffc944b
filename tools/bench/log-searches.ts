import type { CertificateSearch } from '@libs/contracts';
import { Client } from 'pg';

/** A certificate that the log has, to search for it in every way. */
export interface Sample {
  readonly fingerprint: string;
  readonly serial: string;
  readonly issuer: string;
  readonly kind: 'user' | 'computer' | 'server';
  readonly common_name: string;
  readonly logged_at: Date;
  readonly not_after: Date;
  /** Of a user's. */
  readonly user_id: string | null;
  /** Of a computer's or a server's. */
  readonly psk_id: string | null;
  readonly issuance_id: string;
}

const DAY_MS = 86_400_000;
const dayFrom = (date: Date) => [date.toISOString(), new Date(date.getTime() + DAY_MS).toISOString()] as const;

const issuedOnDayOf = ({ logged_at }: Sample) => {
  const [issued_from, issued_to] = dayFrom(logged_at);
  return { issued_from, issued_to };
};
const expiringOnDayOf = ({ not_after }: Sample) => {
  const [expires_from, expires_to] = dayFrom(not_after);
  return { expires_from, expires_to };
};
const holderOf = ({ user_id, psk_id }: Sample): CertificateSearch =>
  user_id === null ? { psk_id: psk_id ?? '' } : { user_id };

/** Every filter by itself, and those that are used together. */
export const FILTERS: Readonly<Record<string, (sample: Sample) => CertificateSearch>> = {
  none: () => ({}),
  fingerprint: ({ fingerprint }) => ({ fingerprint }),
  serial: ({ serial }) => ({ serial }),
  holder: holderOf,
  issuance: ({ issuance_id }) => ({ issuance_id }),
  issuer: ({ issuer }) => ({ issuer }),
  kind: ({ kind }) => ({ kind }),
  kind_server: () => ({ kind: 'server' }),
  valid: () => ({ status: 'valid' }),
  expired: () => ({ status: 'expired' }),
  revoked: () => ({ status: 'revoked' }),
  valid_then: ({ logged_at }) => ({ status: 'valid', at: logged_at.toISOString() }),
  name: ({ common_name }) => ({ common_name }),
  name_part: ({ common_name }) => ({ common_name: common_name.slice(3, 9) }),
  name_three_letters: ({ common_name }) => ({ common_name: common_name.slice(5, 8) }),
  name_of_many: () => ({ common_name: 'example' }),
  name_of_nobody: ({ fingerprint }) => ({ common_name: fingerprint.slice(0, 12) }),
  issued: issuedOnDayOf,
  issued_before: ({ logged_at }) => ({ issued_to: logged_at.toISOString() }),
  expires: expiringOnDayOf,
  issuer_valid: ({ issuer }) => ({ issuer, status: 'valid' }),
  issuer_revoked: ({ issuer }) => ({ issuer, status: 'revoked' }),
  issuer_expired: ({ issuer }) => ({ issuer, status: 'expired' }),
  holder_valid: (sample) => ({ ...holderOf(sample), status: 'valid' }),
  holder_issued: (sample) => ({ ...holderOf(sample), ...issuedOnDayOf(sample) }),
  kind_expires: (sample) => ({ kind: sample.kind, ...expiringOnDayOf(sample) }),
  name_valid: ({ common_name }) => ({ common_name: common_name.slice(3, 9), status: 'valid' }),
  name_issued: (sample) => ({ common_name: sample.common_name.slice(5, 8), ...issuedOnDayOf(sample) }),
  name_expires: (sample) => ({ common_name: sample.common_name.slice(5, 8), ...expiringOnDayOf(sample) }),
};

const SAMPLES = `
  SELECT encode(c.fingerprint, 'hex') AS fingerprint, upper(encode(c.serial, 'hex')) AS serial, encode(c.issuer, 'hex') AS issuer,
    (ARRAY['user', 'computer', 'server'])[c.kind] AS kind, c.common_name, c.logged_at, c.not_after,
    p.user_id, p.psk_id, p.issuance_id
  FROM (SELECT floor(random() * (SELECT max(idx) FROM ct.certificate)) AS position FROM generate_series(1, $1)) AS s
  CROSS JOIN LATERAL (SELECT * FROM ct.certificate WHERE idx >= s.position ORDER BY idx LIMIT 1) AS c
  JOIN ct.private_context p ON p.idx = c.idx`;

/** From all over the log. */
export async function takeSamples(superuserUrl: string, count: number): Promise<readonly Sample[]> {
  const client = new Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    return (await client.query<Sample>(SAMPLES, [count])).rows;
  } finally {
    await client.end();
  }
}
