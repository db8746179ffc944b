const NOW = '2026-05-04 03:02:01.987';
const LATER = '2026-05-05 03:02:01.987';
const HASH = 'a'.repeat(64);

/** One row of every table, in an order that the foreign keys allow; as the newest schema has them. */
export const SAMPLE_ROWS: readonly string[] = [
  `INSERT INTO users (id, issuer, subject, name, groups, created_at, last_login_at, disabled_at)
   VALUES ('user', 'https://idp', 'ada', 'Ada', '["a"]', '${NOW}', '${NOW}', '${NOW}')`,
  `INSERT INTO sessions (id_hash, user_id, data, created_at, idle_expires_at, absolute_expires_at, client_address,
     user_agent, provider_session_hash)
   VALUES ('${HASH}', 'user', '{"csrfToken":"x"}', '${NOW}', '${NOW}', '${LATER}', '192.0.2.1', 'Firefox', '${HASH}')`,
  `INSERT INTO provider_logouts (token_hash, session_hash, issued_at, expires_at)
   VALUES ('${HASH}', '${HASH}', '${NOW}', '${LATER}')`,
  `INSERT INTO psks (id, public_id, secret_hash, kind, common_name, template_set, description, allowed_networks, labels,
     uses, created_at, created_by)
   VALUES ('psk', '0123456789abcdef', '${HASH}', 'server', 'vpn.example.org', 'Default', '', '["10.0.0.0/8"]',
     '{"site":"berlin"}', 0, '${NOW}', 'user')`,
  ...['old', 'new'].map(
    (id, index) =>
      `INSERT INTO issuances (id, kind, user_id, common_name, template, options, device_name, state, holds_credential,
         serial_number, fingerprint, log_index, expires_at, created_at, lease_until, finished_at)
       VALUES ('${id}', 'user', 'user', 'ada', 'default', '[]', 'Laptop', 'issued', false, '${'A'.repeat(40)}',
         '${String(index).repeat(64)}', ${String(index)}, '${NOW}', '${NOW}', '${NOW}', '${NOW}')`,
  ),
  `INSERT INTO download_tokens (token_hash, user_id, groups, options, created_at, expires_at, reuse_count)
   VALUES ('${HASH}', 'user', '[]', '[]', '${NOW}', '${LATER}', 2)`,
  `INSERT INTO profile_sessions (token_hash, issuance_id, created_at) VALUES ('${HASH}', 'old', '${NOW}')`,
  `INSERT INTO server_states (id, psk_id, name, agent_version, sequence, log_size, crls, management, sessions_cut,
     problems, created_at, reported_at)
   VALUES ('server', 'psk', 'vpn', '1', 1, 1, '[]', 'connected', 0, '[]', '${NOW}', '${NOW}')`,
  `INSERT INTO api_tokens (id, public_id, secret_hash, name, scopes, created_at, created_by, expires_at)
   VALUES ('token', '0123456789abcdef', '${HASH}', 'job', '["psks:read"]', '${NOW}', 'user', '${LATER}')`,
  `UPDATE settings SET version = 2, chosen = '{"renewal_overlap_hours":1}', updated_at = '${NOW}', updated_by = 'user'`,
  `INSERT INTO access_tokens (token_hash, user_id, created_at, expires_at) VALUES ('${HASH}', 'user', '${NOW}', '${LATER}')`,
  `INSERT INTO device_authorizations (device_code_hash, user_code_hash, interval_seconds, created_at, expires_at)
   VALUES ('${HASH}', '${HASH}', 5, '${NOW}', '${LATER}')`,
  `INSERT INTO renewals (issuance_id, renewed_by, created_at) VALUES ('old', 'new', '${NOW}')`,
  `INSERT INTO rate_limits (key_hash, full_at_ms) VALUES ('${HASH}', 1)`,
  `INSERT INTO events (id, created_at, actor_id, action, object_type, object_id, details)
   VALUES ('event', '${NOW}', 'user', 'psk.created', 'psk', 'psk', '{}')`,
];

/**
 * What must be given up before a migration goes down, by its name; whatever else goes down without losing what matters. A
 * new migration that refuses to go down over SAMPLE_ROWS needs an entry.
 */
export const GIVEN_UP: Readonly<Record<string, readonly string[]>> = {
  CreateUsers1764000001000: ['DELETE FROM users'],
  CreatePsks1764000003000: ['DELETE FROM psks'],
  CreateIssuances1764000004000: ['DELETE FROM issuances'],
  CreateDownloadTokens1764000005000: ['DELETE FROM download_tokens'],
  CreateProfileSessions1764000006000: ['DELETE FROM profile_sessions'],
  CreateServerStates1764000300000: ['DELETE FROM server_states'],
  AddUserDisabling1764000400000: ['UPDATE users SET disabled_at = NULL'],
  CreateApiTokens1764000401000: ['DELETE FROM api_tokens'],
  CreateSettings1764000402000: ['UPDATE settings SET version = 1, updated_at = NULL, updated_by = NULL'],
  AddPskNetworks1764000500000: [`UPDATE psks SET allowed_networks = '[]', labels = '{}'`],
  AddIssuanceDevices1764000501000: ['UPDATE issuances SET device_name = NULL'],
  AddDownloadTokenBindings1764000502000: ['UPDATE download_tokens SET reuse_count = 0'],
  CreateRenewals1764000505000: ['DELETE FROM renewals'],
  CreateEvents1764000600000: ['DELETE FROM events'],
};
