import type { RelyingParty } from './relying-party';

/** The name of the plugin is part of its URLs. */
export const OPENID_PLUGIN = 'oidc';

const GROUPS = 'groups';

/** Users have a property `groups` of several values. */
export const USER_STORE = store({ [GROUPS]: several() });

/** The last property is what its OpenID Connect plugin reads, and is not among those that the schema brings. */
export const CLIENT_STORE = store({
  client_secret: one(),
  redirect_uri: several(),
  authorization_type: several(),
  token_endpoint_auth_method: several(),
  backchannel_logout_uri: one(),
  backchannel_logout_session_required: one(),
  post_logout_redirect_uris: several(),
});

export function clientOf(relyingParty: RelyingParty): object {
  return {
    client_id: relyingParty.clientId,
    name: 'OpenVPN Manager',
    confidential: true,
    enabled: true,
    client_secret: relyingParty.clientSecret,
    redirect_uri: [relyingParty.redirectUri],
    authorization_type: ['code'],
    token_endpoint_auth_method: ['client_secret_basic'],
    scope: [],
    post_logout_redirect_uris: [relyingParty.postLogoutRedirectUri],
    backchannel_logout_uri: relyingParty.backchannelLogoutUri,
    backchannel_logout_session_required: '1',
  };
}

interface KeyPair {
  readonly privateKey: string;
  readonly publicKey: string;
}

/** The authorization code flow with PKCE and nothing else; sessions have a `sid`, and their end is told to clients. */
export function pluginParameters(issuer: string, key: KeyPair): object {
  const flows = ['token', 'none', 'password', 'client', 'device', 'refresh'];
  return {
    name: OPENID_PLUGIN,
    module: 'oidc',
    display_name: 'OpenID Connect',
    parameters: {
      iss: issuer,
      'jwt-type': 'rsa',
      'jwt-key-size': '256',
      key: key.privateKey,
      cert: key.publicKey,
      'jwks-show': true,
      'jwks-x5c': [],
      'subject-type': 'public',
      'allowed-scope': ['openid'],
      'access-token-duration': 3_600,
      'refresh-token-duration': 3_600,
      'code-duration': 600,
      'auth-type-code-enabled': true,
      ...Object.fromEntries(flows.map((flow) => [`auth-type-${flow}-enabled`, false])),
      'name-claim': 'mandatory',
      'email-claim': 'mandatory',
      'scope-claim': 'no',
      'address-claim': { type: 'no' },
      claims: [
        { name: GROUPS, 'user-property': GROUPS, type: 'string', mandatory: true, 'on-demand': false, scope: [] },
      ],
      'pkce-allowed': true,
      'pkce-required': true,
      'session-management-allowed': true,
      'session-cookie-name': 'GLEWLWYD2_OIDC_SID',
      'session-cookie-expiration': 3_600,
      'back-channel-logout-allowed': true,
      'front-channel-logout-allowed': false,
    },
  };
}

interface Property {
  readonly multiple: boolean;
  readonly read: true;
  readonly write: true;
}

function one(): Property {
  return { multiple: false, read: true, write: true };
}

function several(): Property {
  return { multiple: true, read: true, write: true };
}

function store(properties: Readonly<Record<string, Property>>): object {
  return {
    module: 'database',
    name: 'database',
    display_name: 'Database',
    order_rank: 0,
    readonly: false,
    multiple_passwords: false,
    parameters: { 'use-glewlwyd-connection': true, 'data-format': properties },
  };
}
