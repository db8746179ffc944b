import { freePorts } from '../../support/free-ports';

/** The product as an identity provider has it registered. */
export interface RelyingParty {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly frontendPort: number;
  readonly redirectUri: string;
  readonly postLogoutRedirectUri: string;
  readonly backchannelLogoutUri: string;
}

export async function newRelyingParty(): Promise<RelyingParty> {
  const [frontendPort = 0] = await freePorts(1);
  const url = `http://localhost:${String(frontendPort)}`;
  return {
    clientId: 'openvpn-manager',
    clientSecret: 'secret-of-the-registered-client-0',
    frontendPort,
    redirectUri: `${url}/auth/callback`,
    postLogoutRedirectUri: `${url}/`,
    backchannelLogoutUri: `${url}/auth/backchannel-logout`,
  };
}
