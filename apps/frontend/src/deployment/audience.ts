/** Whom an address is for. */
export type Audience = 'users' | 'administrators' | 'everybody';

const ADMINISTRATION = /^\/(api\/v1\/)?admin(\/|$)/;
/** The login and what every page needs; CRLs; what people see of themselves; the API's document. */
const FOR_EVERYBODY = [
  /^\/$/,
  /^\/auth\/(login|callback|logout|backchannel-logout)$/,
  /^\/assets\//,
  /^\/crl(\.pem)?$/,
  /^\/api\/v1\/me(\/sessions(\/|$)|$)/,
  /^\/api\/v1\/openapi\.json$/,
];

/** What is neither the administration's nor everybody's is for users: new routes of theirs need no entry here. */
export function audienceOf(path: string): Audience {
  if (ADMINISTRATION.test(path)) return 'administrators';
  return FOR_EVERYBODY.some((pattern) => pattern.test(path)) ? 'everybody' : 'users';
}
