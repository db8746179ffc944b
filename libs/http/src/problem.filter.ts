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
    response.status(error.status).set('Cache-Control', 'no-store');
    response.set({ ...error.headers });
    if (error.retryAfterSeconds !== undefined) response.set('Retry-After', String(error.retryAfterSeconds));
    const page = this.options.renderErrorPage?.(problem, request);
    if (page === undefined) response.type('application/problem+json').send(JSON.stringify(problem));
    else response.type('html').send(page);
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
