import { currentRequestId } from '@libs/http';
import type { Request } from 'express';

/** Where a request came from, cut to the lengths that the log's private context allows. */
export interface RequestContext {
  readonly clientAddress: string | undefined;
  readonly userAgent: string | undefined;
  readonly requestId: string | undefined;
}

const MAX_ADDRESS = 64;
const MAX_USER_AGENT = 256;

/** A hostile header changes nothing but its own field, and that only up to its length. */
export function requestContextOf(request: Request): RequestContext {
  return {
    clientAddress: plain(request.ip)?.slice(0, MAX_ADDRESS),
    userAgent: plain(request.headers['user-agent'])?.slice(0, MAX_USER_AGENT),
    requestId: currentRequestId(),
  };
}

/** Half a character at the cut, and everything that is none, would not survive the way through UTF-8 and JSON. */
function plain(text: string | undefined): string | undefined {
  return text?.replace(/[^\x20-\x7e]/g, '?');
}
