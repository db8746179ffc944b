import { freePorts } from '../../support/free-ports';
import { RunningProduct } from './running-product';

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

/** The whole product, with nothing of the provider but issuer, client and secret. */
export function productOf(
  { frontendPort, clientId, clientSecret }: RelyingParty,
  issuer: string,
  roleGroups: Readonly<Record<string, string>>,
): Promise<RunningProduct> {
  const client = { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret };
  return RunningProduct.start({ variables: { FRONTEND_PORT: String(frontendPort), ...client, ...roleGroups } });
}
