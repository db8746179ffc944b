import type { AccessDecision } from '@libs/auth';
import { refusalsOf } from './problems';
import type { Route } from './routes';

const ROUTE: Route = {
  method: 'get',
  path: '/api/v1/admin/psks',
  controller: Object as never,
  handlerName: 'list',
  access: { kind: 'public' },
  status: 200,
  answers: [],
  refusals: [],
  fixedHeaders: {},
  headers: {},
  validated: {},
  takesBody: false,
};

const refusals = (service: 'frontend' | 'signing' | 'certtransparency', route: Partial<Route>) =>
  Object.fromEntries(refusalsOf(service, { ...ROUTE, path: '/crl', ...route }));

describe('what a route refuses', () => {
  it.each<[string, AccessDecision, object]>([
    ['nothing when it is open', { kind: 'public' }, {}],
    [
      'strangers when it is for persons',
      { kind: 'roles', anyOf: ['auditor'] },
      {
        401: ['invalid_credential', 'sign_in_required'],
        403: ['access_denied', 'insufficient_scope'],
        429: ['too_many_requests'],
      },
    ],
    [
      'what is no key when it is for machines',
      { kind: 'credential' },
      { 401: ['psk_rejected'], 403: ['psk_kind_not_allowed'], 429: ['too_many_requests'] },
    ],
  ])('is %s', (_, access, expected) => {
    expect(refusals('frontend', { access })).toEqual(expected);
  });

  it('is another service where there are several', () => {
    const access: AccessDecision = { kind: 'services', callers: ['frontend'] };
    expect(refusals('signing', { access })).toEqual({ 401: ['invalid_credential'] });
    expect(refusals('certtransparency', { access })).toEqual({ 401: ['invalid_credential'], 403: ['access_denied'] });
  });

  it('is a change in a session without its token', () => {
    expect(refusals('frontend', { method: 'post' })).toEqual({ 403: ['csrf_token_invalid'] });
    expect(refusals('signing', { method: 'post' })).toEqual({});
  });

  it('is what the other frontend serves', () => {
    expect(refusals('frontend', { path: '/api/v1/admin/psks' })).toEqual({ 403: ['served_elsewhere'] });
  });

  it('is input that cannot be read or breaks the rules', () => {
    expect(refusals('signing', { takesBody: true })).toEqual({
      400: ['bad_request'],
      413: ['payload_too_large'],
      415: ['unsupported_media_type'],
      422: ['invalid_request'],
    });
    expect(refusals('signing', { validated: { query: Object as never } })).toEqual({ 422: ['invalid_request'] });
    expect(refusals('signing', { path: '/api/v1/things/{id}' })).toEqual({ 400: ['bad_request'] });
  });

  it('is what the handler says besides', () => {
    const said = [{ status: 404, codes: ['psk_not_found'] }];
    expect(refusals('frontend', { refusals: said })).toEqual({ 404: ['psk_not_found'] });
  });
});
