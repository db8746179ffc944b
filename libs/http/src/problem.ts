import { HttpException } from '@nestjs/common';
import { STATUS_CODES } from 'node:http';
import { DomainError, type FieldError } from './domain-error';

/** Problem document, RFC 9457 §3.1, with the members that this product adds. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail?: string;
  /** Path without query. */
  readonly instance: string;
  readonly request_id?: string;
  readonly errors?: readonly FieldError[];
  readonly [extension: string]: unknown;
}

/** Every failure as a DomainError; what nobody foresaw is a 500 that says nothing. */
export function toDomainError(error: unknown): DomainError {
  if (error instanceof DomainError) return error;
  if (error instanceof HttpException) return fromHttpException(error);
  return (
    fromMiddlewareError(error) ??
    new DomainError({ code: 'internal_error', status: 500, title: 'Internal error', cause: error })
  );
}

export function problemDocument(error: DomainError, instance: string, requestId: string | undefined): ProblemDocument {
  const isOurFault = error.status >= 500;
  return {
    type: 'about:blank',
    title: error.title,
    status: error.status,
    code: error.code,
    ...(error.detail === undefined || isOurFault ? {} : { detail: error.detail }),
    instance,
    ...(requestId === undefined ? {} : { request_id: requestId }),
    ...(error.errors === undefined ? {} : { errors: error.errors }),
    ...error.extensions,
  };
}

function fromHttpException(error: HttpException): DomainError {
  const status = error.getStatus();
  const title = STATUS_CODES[status] ?? 'Error';
  const detail = status === 404 ? undefined : error.message;
  return new DomainError({
    code: codeOf(title),
    status,
    title,
    detail: detail === title ? undefined : detail,
    cause: error,
  });
}

/** Errors of Express and its body parsers (http-errors): a 4xx status and a `type`. */
function fromMiddlewareError(error: unknown): DomainError | undefined {
  if (!(error instanceof Error) || !('status' in error)) return undefined;
  const { status } = error;
  if (typeof status !== 'number' || status < 400 || status > 499) return undefined;
  const title = STATUS_CODES[status] ?? 'Bad Request';
  return new DomainError({ code: codeOf(title), status, title, cause: error });
}

function codeOf(title: string): string {
  return title.toLowerCase().replace(/[^a-z0-9]+/g, '_');
}
