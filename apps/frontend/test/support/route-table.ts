import type { Role } from '@libs/auth';

/**
 * Who may call a route:
 * - `public`: everybody
 * - `psk`: whoever holds a pre-shared key
 * - `anybody`: whoever is signed in, whatever their roles
 * - a role: whoever has it, directly or because another role contains it
 */
export type Caller = 'public' | 'psk' | 'anybody' | Role;

/** Every route of the frontend, and who may call it. A route that is not here, or is here and is gone, fails the test. */
export const ROUTE_TABLE: Readonly<Record<string, Caller>> = {
  // Pages, login, files
  'GET /': 'public',
  'GET /assets/:name': 'public',
  'GET /crl': 'public',
  'GET /crl.pem': 'public',
  'GET /auth/login': 'public',
  'HEAD /auth/login': 'public',
  'GET /auth/callback': 'public',
  'HEAD /auth/callback': 'public',
  'POST /auth/logout': 'public',
  'POST /auth/backchannel-logout': 'public',
  'GET /auth/cli-login': 'user',
  'POST /auth/cli-login': 'user',
  'HEAD /auth/cli-login': 'user',
  'GET /device': 'public',
  'POST /device': 'user',
  'GET /download': 'public',
  'HEAD /download': 'public',
  'GET /download/:token': 'public',
  'HEAD /download/:token': 'public',
  'POST /download': 'public',
  'GET /openvpn-api/profile': 'public',
  'HEAD /openvpn-api/profile': 'public',
  'POST /profiles': 'user',
  'GET /certificates/:fingerprint': 'user',
  'POST /certificates/:fingerprint/renewal': 'user',
  'POST /certificates/:fingerprint/revocation': 'user',

  // The person's own
  'GET /api/v1/me': 'anybody',
  'GET /api/v1/me/sessions': 'anybody',
  'DELETE /api/v1/me/sessions': 'anybody',
  'DELETE /api/v1/me/sessions/:id': 'anybody',
  'GET /api/v1/options': 'user',
  'POST /api/v1/profiles': 'user',
  'GET /api/v1/me/certificates': 'user',
  'GET /api/v1/me/certificates/:fingerprint': 'user',
  'POST /api/v1/me/certificates/:fingerprint/renewal': 'user',
  'POST /api/v1/me/certificates/:fingerprint/revocation': 'user',
  'POST /api/v1/me/certificates/revocations': 'user',
  'POST /api/v1/device/authorize': 'public',
  'POST /api/v1/token': 'public',

  // Machines
  'GET /api/v1/server/bundle': 'psk',
  'POST /api/v1/server/bundle': 'psk',
  'HEAD /api/v1/server/bundle': 'psk',
  'GET /api/v1/computer/bundle': 'psk',
  'POST /api/v1/computer/bundle': 'psk',
  'HEAD /api/v1/computer/bundle': 'psk',
  'GET /api/v1/revocations': 'psk',
  'POST /api/v1/servers/report': 'psk',

  // Administration
  'GET /api/v1/admin/certificates': 'auditor',
  'GET /api/v1/admin/certificates/:fingerprint': 'auditor',
  'GET /api/v1/admin/certificates/:fingerprint/proof': 'auditor',
  'POST /api/v1/admin/certificates/:fingerprint/revocation': 'certificate_administrator',
  'POST /api/v1/admin/revocations': 'certificate_administrator',
  'GET /api/v1/admin/statistics': 'auditor',
  'GET /api/v1/admin/crl': 'auditor',
  'POST /api/v1/admin/crl': 'certificate_administrator',
  'GET /api/v1/admin/events': 'auditor',
  'GET /api/v1/admin/servers': 'auditor',
  'POST /api/v1/admin/psks': 'system_administrator',
  'GET /api/v1/admin/psks': 'system_administrator',
  'GET /api/v1/admin/psks/:id': 'system_administrator',
  'POST /api/v1/admin/psks/:id/revocation': 'system_administrator',
  'POST /api/v1/admin/api-tokens': 'service_administrator',
  'GET /api/v1/admin/api-tokens': 'service_administrator',
  'GET /api/v1/admin/api-tokens/:id': 'service_administrator',
  'POST /api/v1/admin/api-tokens/:id/revocation': 'service_administrator',
  'GET /api/v1/admin/users': 'service_administrator',
  'GET /api/v1/admin/users/:id': 'service_administrator',
  'PATCH /api/v1/admin/users/:id': 'service_administrator',
  'GET /api/v1/admin/users/:id/sessions': 'service_administrator',
  'DELETE /api/v1/admin/users/:id/sessions': 'service_administrator',
  'DELETE /api/v1/admin/users/:id/sessions/:session': 'service_administrator',
  'GET /api/v1/admin/settings': 'service_administrator',
  'PATCH /api/v1/admin/settings': 'service_administrator',

  // The document of the API, and the page to read it
  'GET /api/v1/openapi.json': 'public',
};
