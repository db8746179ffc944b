const NOW = '2026-05-04 03:02:01.987';
const LATER = '2026-05-05 03:02:01.987';
const HASH = 'a'.repeat(64);
const OTHER_HASH = 'b'.repeat(64);

/** Rows of every table with something in each column, in an order that the foreign keys allow; as the newest schema has them. */
export const SAMPLE_ROWS: readonly string[] = [
  `INSERT INTO users (id, issuer, subject, name, email, groups, created_at, last_login_at, disabled_at)
   VALUES ('user', 'https://idp', 'ada', 'Ada', 'ada@example.org', '["a"]', '${NOW}', '${NOW}', '${NOW}')`,
  `INSERT INTO sessions (id_hash, user_id, data, created_at, idle_expires_at, absolute_expires_at, destroyed_at,
     client_address, user_agent, provider_session_hash)
   VALUES ('${HASH}', 'user', '{"csrfToken":"x"}', '${NOW}', '${NOW}', '${LATER}', '${NOW}', '192.0.2.1', 'Firefox', '${HASH}')`,
  `INSERT INTO provider_logouts (token_hash, session_hash, subject_hash, issued_at, expires_at)
   VALUES ('${HASH}', '${HASH}', '${HASH}', '${NOW}', '${LATER}')`,
  `INSERT INTO psks (id, public_id, secret_hash, kind, common_name, template_set, description, allowed_networks, labels,
     expires_at, use_limit, uses, last_used_at, created_at, created_by, revoked_at, revoked_by)
   VALUES ('psk', '0123456789abcdef', '${HASH}', 'server', 'vpn.example.org', 'Default', 'Berlin', '["10.0.0.0/8"]',
     '{"site":"berlin"}', '${LATER}', 3, 1, '${NOW}', '${NOW}', 'user', '${NOW}', 'user')`,
  ...['old', 'new'].map(
    (id, index) =>
      `INSERT INTO issuances (id, kind, user_id, common_name, template, options, device_name, state, holds_credential,
         serial_number, fingerprint, log_index, expires_at, created_at, lease_until, finished_at, revoked_at)
       VALUES ('${id}', 'user', 'user', 'ada', 'default', '[]', 'Laptop', 'issued', false, '${'A'.repeat(40)}',
         '${String(index).repeat(64)}', ${String(index)}, '${NOW}', '${NOW}', '${NOW}', '${NOW}', '${NOW}')`,
  ),
  `INSERT INTO issuances (id, kind, psk_id, common_name, template, options, idempotency_hash, request_hash, state,
     holds_credential, error_code, created_at, lease_until, finished_at)
   VALUES ('failed', 'server', 'psk', 'vpn.example.org', 'Default', '["x"]', '${HASH}', '${HASH}', 'failed', false,
     'certtransparency_unavailable', '${NOW}', '${NOW}', '${NOW}')`,
  `INSERT INTO download_tokens (token_hash, user_id, groups, options, created_at, expires_at, claimed_at, spent_at,
     issuance_id, device_name, code_challenge, exchanged_at, reuse_count, last_reused_at, last_reused_from)
   VALUES ('${HASH}', 'user', '[]', '[]', '${NOW}', '${LATER}', '${NOW}', '${NOW}', 'old', 'Laptop', 'challenge', '${NOW}',
     2, '${NOW}', '192.0.2.1')`,
  `INSERT INTO profile_sessions (token_hash, issuance_id, created_at) VALUES ('${HASH}', 'old', '${NOW}')`,
  `INSERT INTO server_states (id, psk_id, name, agent_version, sequence, log_size, page_issued_at, crls, management,
     sessions, sessions_cut, problems, created_at, reported_at)
   VALUES ('server', 'psk', 'vpn', '1', 1, 1, '${NOW}', '[]', 'connected', 3, 0, '[]', '${NOW}', '${NOW}')`,
  `INSERT INTO api_tokens (id, public_id, secret_hash, name, scopes, created_at, created_by, expires_at, last_used_at,
     revoked_at, revoked_by)
   VALUES ('token', '0123456789abcdef', '${HASH}', 'job', '["psks:read"]', '${NOW}', 'user', '${LATER}', '${NOW}', '${NOW}',
     'user')`,
  `UPDATE settings SET version = 2, chosen = '{"renewal_overlap_hours":1}', updated_at = '${NOW}', updated_by = 'user'`,
  `INSERT INTO access_tokens (token_hash, user_id, created_at, expires_at) VALUES ('${HASH}', 'user', '${NOW}', '${LATER}')`,
  `INSERT INTO device_authorizations (device_code_hash, user_code_hash, device_name, client_address, user_agent,
     interval_seconds, last_polled_at, created_at, expires_at, decision, user_id, redeemed_at)
   VALUES ('${HASH}', '${OTHER_HASH}', 'build host', '192.0.2.1', 'curl', 5, '${NOW}', '${NOW}', '${LATER}', 'approved',
     'user', '${NOW}')`,
  `INSERT INTO renewals (issuance_id, renewed_by, created_at, due_at, lease_until, finished_at)
   VALUES ('old', 'new', '${NOW}', '${LATER}', '${LATER}', '${LATER}')`,
  `INSERT INTO rate_limits (key_hash, full_at_ms) VALUES ('${HASH}', 1)`,
  `INSERT INTO events (id, created_at, actor_id, api_token_id, action, object_type, object_id, request_id, details)
   VALUES ('event', '${NOW}', 'user', 'token', 'psk.created', 'psk', 'psk', 'request', '{}')`,
];

interface Loss {
  /** Gives up what must not be lost. */
  readonly giveUp: string;
  /** Of columns: puts something in each of them again that alone must not be lost. */
  readonly anew?: readonly string[];
}

const ofTable = (name: string): Loss => ({ giveUp: `DELETE FROM ${name}` });

/**
 * What must be given up before a migration goes down, by its name; whatever else goes down without losing what matters. A
 * new migration that refuses to go down over SAMPLE_ROWS needs an entry.
 */
export const LOSSES: Readonly<Record<string, Loss>> = {
  CreateUsers1764000001000: ofTable('users'),
  CreatePsks1764000003000: ofTable('psks'),
  CreateIssuances1764000004000: ofTable('issuances'),
  CreateDownloadTokens1764000005000: ofTable('download_tokens'),
  CreateProfileSessions1764000006000: ofTable('profile_sessions'),
  CreateServerStates1764000300000: ofTable('server_states'),
  AddUserDisabling1764000400000: { giveUp: 'UPDATE users SET disabled_at = NULL' },
  CreateApiTokens1764000401000: ofTable('api_tokens'),
  CreateSettings1764000402000: { giveUp: 'UPDATE settings SET version = 1, updated_at = NULL, updated_by = NULL' },
  AddPskNetworks1764000500000: {
    giveUp: `UPDATE psks SET allowed_networks = '[]', labels = '{}'`,
    anew: [`UPDATE psks SET allowed_networks = '["10.0.0.0/8"]'`, `UPDATE psks SET labels = '{"site":"berlin"}'`],
  },
  AddIssuanceDevices1764000501000: {
    giveUp: 'UPDATE issuances SET device_name = NULL, idempotency_hash = NULL, revoked_at = NULL',
    anew: [
      `UPDATE issuances SET device_name = 'Laptop' WHERE id = 'new'`,
      `UPDATE issuances SET idempotency_hash = '${HASH}' WHERE id = 'new'`,
      `UPDATE issuances SET revoked_at = '${NOW}' WHERE id = 'new'`,
    ],
  },
  AddDownloadTokenBindings1764000502000: {
    giveUp: 'UPDATE download_tokens SET device_name = NULL, code_challenge = NULL, reuse_count = 0',
    anew: [
      `UPDATE download_tokens SET device_name = 'Laptop'`,
      `UPDATE download_tokens SET code_challenge = 'challenge'`,
      'UPDATE download_tokens SET reuse_count = 1',
    ],
  },
  CreateRenewals1764000505000: ofTable('renewals'),
  CreateEvents1764000600000: ofTable('events'),
};
