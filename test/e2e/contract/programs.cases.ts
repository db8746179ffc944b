import type { Area, GivenWorld } from '../support/contract/contract-case';

const AUTHORIZE = 'POST /api/v1/device/authorize';
const TOKEN = 'POST /api/v1/token';
const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

const waiting = { grant_type: DEVICE_GRANT, device_code: '$device.device_code' };

/** The person types the code that the device shows. */
const decided = (decision: 'approved' | 'refused') => (world: GivenWorld) =>
  world.submit('user', '/device', { user_code: '$device.user_code', decision });

export const PROGRAMS: Area = {
  name: 'programs',
  service: 'frontend',
  cases: [
    {
      operation: AUTHORIZE,
      name: 'Of a machine without a browser',
      body: { device_name: 'backup-7' },
      status: 200,
      keep: 'device',
    },
    { operation: TOKEN, name: 'Before anybody has decided', body: waiting, status: 400, code: 'authorization_pending' },
    { operation: TOKEN, name: 'Too soon again', body: waiting, status: 400, code: 'slow_down' },
    { operation: TOKEN, name: 'Once the person has agreed', body: waiting, status: 200, given: decided('approved') },
    { operation: TOKEN, name: 'With a code that was used', body: waiting, status: 400, code: 'invalid_grant' },
    {
      ...{
        operation: TOKEN,
        name: 'Of whom the person has refused',
        body: waiting,
        status: 400,
        code: 'access_denied',
      },
      given: async (world) => {
        await world.ask({ operation: AUTHORIZE, body: {}, keep: 'device' });
        await decided('refused')(world);
      },
    },
    {
      ...{
        operation: TOKEN,
        name: 'When nobody has decided in time',
        body: waiting,
        status: 400,
        code: 'expired_token',
      },
      given: async (world) => {
        await world.ask({ operation: AUTHORIZE, body: {}, keep: 'device' });
        await world.change(`UPDATE device_authorizations SET expires_at = '2020-01-01 00:00:00.000'`);
      },
    },
    {
      ...{ operation: TOKEN, name: 'After a login in a browser', status: 200 },
      body: { grant_type: 'authorization_code', code: '$login.code', code_verifier: '$proof.verifier' },
      given: ({ logInProgram }) => logInProgram('login'),
    },
    {
      ...{ operation: TOKEN, name: 'With another grant', body: { grant_type: 'password' } },
      ...{ status: 400, code: 'unsupported_grant_type' },
    },
  ],
};
