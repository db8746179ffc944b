import type { Variables } from '@libs/config';
import { generateTlsCryptV2ServerKey, printTlsCryptV2ServerKey } from '@libs/openvpn';
import { printVerifierKey } from '@libs/tlog';
import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import type { IssuingStack } from './issuing-stack';

export const AUDITORS = 'auditors';
/** Nobody signs in while it is measured. */
export const OIDC_ISSUER = 'https://idp.bench.example';

/** Of a frontend in production whose limits let one address do as much as it can. */
export function frontendVariables(stack: IssuingStack, databaseUrl: string): Variables {
  const { log, server, signing, certtransparency, frontendKey, verifier } = stack;
  return {
    FRONTEND_HOST: '127.0.0.1',
    FRONTEND_PORT: '0',
    FRONTEND_MANAGEMENT_HOST: '127.0.0.1',
    FRONTEND_MANAGEMENT_PORT: '0',
    FRONTEND_PUBLIC_URL: 'https://vpn.bench.example',
    FRONTEND_DATABASE_URL: databaseUrl,
    FRONTEND_SESSION_SECRETS: randomBytes(32).toString('base64url'),
    FRONTEND_SIGNING_URL: signing.url,
    FRONTEND_SIGNING_KEY: frontendKey,
    FRONTEND_CT_URL: certtransparency.url,
    FRONTEND_CT_KEY: log.readerKey,
    FRONTEND_CT_VERIFIER_KEYS: printVerifierKey(verifier),
    FRONTEND_FAILED_CREDENTIALS_PER_MINUTE: '0',
    FRONTEND_CERTIFICATES_PER_MINUTE: '0',
    FRONTEND_CRL_CACHE_DIRECTORY: join(server.folder, 'frontend-crl'),
    OIDC_ISSUER,
    OIDC_CLIENT_ID: 'bench',
    OIDC_CLIENT_SECRET: randomBytes(32).toString('base64url'),
    ROLE_AUDITOR_GROUPS: AUDITORS,
    OPENVPN_TEMPLATES_DIRECTORY: resolve('examples/templates'),
    OPENVPN_TLS_CRYPT_V2_SERVER_KEY: printTlsCryptV2ServerKey(generateTlsCryptV2ServerKey()),
    OPENVPN_REMOTE_HOST: 'vpn.bench.example',
    OPENVPN_SERVER_NAME: 'vpn.bench.example',
  };
}
