import type { Area } from '../support/contract/contract-case';

const PROFILE = 'GET /openvpn-api/profile';
const PROBE = 'HEAD /openvpn-api/profile';

export const OPENVPN_CONNECT: Area = {
  name: 'OpenVPN Connect',
  service: 'frontend',
  cases: [
    { operation: PROBE, name: 'Without a profile', status: 200 },
    {
      ...{ operation: PROBE, name: 'With a profile that is good still', status: 200 },
      headers: { 'vpn-session-token': '$connect.vpn-session-token' },
      given: ({ ask }) => ask({ operation: 'POST /api/v1/profiles', as: 'user', body: {}, keep: 'connect' }),
    },
    { operation: PROFILE, name: 'Of somebody who is not signed in', status: 302 },
    { operation: PROFILE, name: 'Of somebody who is signed in', as: 'user', status: 302 },
    { operation: PROFILE, name: 'Of somebody who is no user', as: 'nobody', status: 403, code: 'access_denied' },
  ],
};

const DER = { accept: 'application/pkix-crl' };
const PEM = { accept: 'application/x-pem-file' };

export const CRL: Area = {
  name: 'the CRL',
  service: 'frontend',
  cases: [
    { operation: 'GET /crl', name: 'As DER', headers: DER, status: 200, keep: 'crl' },
    { operation: 'GET /crl', name: 'As PEM', headers: PEM, status: 200 },
    { operation: 'GET /crl', name: 'The same still', headers: { ...DER, 'if-none-match': '$crl.etag' }, status: 304 },
    { operation: 'GET /crl.pem', name: 'Of all issuers', headers: PEM, status: 200, keep: 'crls' },
    {
      operation: 'GET /crl.pem',
      name: 'The same still',
      headers: { ...PEM, 'if-none-match': '$crls.etag' },
      status: 304,
    },
    { operation: 'GET /api/v1/admin/crl', name: 'How long it lasts', as: 'auditor', status: 200 },
    { operation: 'POST /api/v1/admin/crl', name: 'Anew', as: 'certificate_administrator', status: 200 },
  ],
};
