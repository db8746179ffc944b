import { STATUS_CODES, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { DomainError } from './domain-error';
import { errorCode } from './error-code';
import { problemDocument } from './problem';

/** Time that a client has for its headers, and for its whole request, body included. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;

/** Where the request has no path yet, it has no instance either. */
const NO_INSTANCE = '';

const STATUSES: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/**
 * Bounds what a connection may cost: slow requests end, and what is no request, or has headers of more than 16 kB (Node's own
 * limit), is answered by a problem document before any of our code runs.
 */
export function limitConnections(server: Server): void {
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.on('clientError', answer);
  // Node would answer 417 without a body. An expectation that nobody knows may be ignored (RFC 9110 §10.1.1).
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
}

function answer(error: Error, socket: Duplex): void {
  const code = errorCode(error) ?? '';
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = STATUSES[code] ?? 400;
  const title = STATUS_CODES[status] ?? 'Bad Request';
  const failure = new DomainError({ code: title.toLowerCase().replaceAll(' ', '_'), status, title });
  const body = JSON.stringify(problemDocument(failure, NO_INSTANCE, undefined));
  const headers = [
    `HTTP/1.1 ${String(status)} ${title}`,
    'Content-Type: application/problem+json; charset=utf-8',
    'Cache-Control: no-store',
    `Content-Length: ${String(Buffer.byteLength(body))}`,
    'Connection: close',
  ];
  socket.end(`${headers.join('\r\n')}\r\n\r\n${body}`);
}
