import { Catch, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { DomainError } from './domain-error';
import { problemDocument, toDomainError, type ProblemDocument } from './problem';
import { currentRequestId } from './request-context';

/** Makes the page that a browser sees instead of a problem document; undefined for requests that are not a browser's. */
export type ErrorPageRenderer = (problem: ProblemDocument, request: Request) => string | undefined;

export interface ProblemFilterOptions {
  readonly renderErrorPage?: ErrorPageRenderer;
  /** Paths that carry a secret in a segment: cut from `instance`. */
  readonly secretPaths?: readonly RegExp[];
}

/** The one place where failures become answers. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('ProblemFilter');

  constructor(private readonly options: ProblemFilterOptions) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(thrown, http.getRequest<Request>(), http.getResponse<Response>());
  }

  answer(thrown: unknown, request: Request, response: Response): void {
    const error = toDomainError(thrown);
    if (error.status >= 500) this.report(error);
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const problem = problemDocument(error, this.instanceOf(request), currentRequestId());
    response.statusCode = error.status;
    response.setHeader('Cache-Control', 'no-store');
    for (const [name, value] of Object.entries(error.headers)) response.setHeader(name, value);
    if (error.retryAfterSeconds !== undefined) response.setHeader('Retry-After', String(error.retryAfterSeconds));
    const page = this.options.renderErrorPage?.(problem, request);
    if (page === undefined) send(response, 'application/problem+json', JSON.stringify(problem));
    else send(response, 'text/html', page);
  }

  private report(error: DomainError): void {
    const cause = error.cause instanceof Error ? error.cause : error;
    this.logger.error({ msg: 'request failed', code: error.code, status: error.status, err: cause });
  }

  private instanceOf(request: Request): string {
    const path = request.originalUrl.split('?', 1)[0] ?? '/';
    for (const secretPath of this.options.secretPaths ?? []) {
      const match = secretPath.exec(path);
      if (match?.[1] !== undefined) return match[1];
    }
    return path;
  }
}

/** Past Express, which would look for what an answer to a failure never has: a version that the client holds already. */
function send(response: Response, type: string, text: string): void {
  response.setHeader('Content-Type', `${type}; charset=utf-8`);
  response.setHeader('Content-Length', Buffer.byteLength(text));
  response.end(text);
}
