import type { Principal } from '@libs/auth';
import { parseCommonName } from '@libs/pki';
import { isEmail } from 'class-validator';
import type { Psk } from '../psks/psk.entity';
import type { LogContext } from './certificate-order';
import type { RequestContext } from './request-context';

type Person = Pick<Principal, 'userId' | 'subject' | 'email'>;

const MAX_SUBJECT = 255;

/**
 * The CN of a person's certificates: the e-mail address, else the provider's name for them, else our own id, whichever is
 * the first that may stand in a certificate.
 */
export function commonNameOf({ email, subject, userId }: Person): string {
  return [email ?? '', subject].find(mayBeCommonName) ?? userId;
}

/** What the log's private context says about a person who asks for themselves. An e-mail address that is none is left out. */
export function userContext(person: Person, request?: RequestContext): LogContext {
  const { email } = person;
  return {
    user_id: person.userId,
    subject: person.subject.slice(0, MAX_SUBJECT),
    ...(email !== null && email.length <= 254 && isEmail(email) ? { email } : {}),
    ...requestFields(request),
  };
}

export function pskContext(psk: Psk, request: RequestContext): LogContext {
  return { psk_id: psk.publicId, ...requestFields(request) };
}

/** Where a request came from, as the log records it. */
export function requestFields(request: RequestContext | undefined): LogContext {
  const { clientAddress, userAgent, requestId } = request ?? {};
  return {
    ...(clientAddress === undefined ? {} : { client_address: clientAddress }),
    ...(userAgent === undefined ? {} : { user_agent: userAgent }),
    ...(requestId === undefined ? {} : { request_id: requestId }),
  };
}

function mayBeCommonName(text: string): boolean {
  try {
    return parseCommonName(text) === text;
  } catch {
    return false;
  }
}
