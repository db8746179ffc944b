import { Body, Controller, Header, HttpCode, HttpStatus, Logger, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiExtraModels, ApiTags, getSchemaPath } from '@nestjs/swagger';
import { ServiceCallers } from '@libs/auth';
import {
  type AppendedEntry,
  CrlEntry,
  type EntryBatchOutcomes,
  type EntryOutcome,
  IssuedEntry,
  type LogEntry,
  MAX_ENTRIES_IN_BATCH,
  RevokedEntry,
} from '@libs/contracts';
import { Answers, currentRequestId, DomainError, problemDocument, Refuses, toDomainError } from '@libs/http';
import type { Request, Response } from 'express';
import { WRITER } from '../callers';
import { AuditLog } from './audit-log';
import { LogEntriesPipe, LogEntryPipe } from './log-entry.pipe';

const anyEntry = { oneOf: [IssuedEntry, RevokedEntry, CrlEntry].map((type) => ({ $ref: getSchemaPath(type) })) };

/** What signing has logged. */
@ApiTags('entries')
@ApiExtraModels(IssuedEntry, RevokedEntry, CrlEntry)
@ServiceCallers(WRITER)
@Controller('api/v1/entries')
export class EntriesController {
  private readonly logger = new Logger('EntriesController');

  constructor(private readonly log: AuditLog) {}

  /** 201 once the entry is durable, 200 when the same certificate, revocation or CRL had been logged before. */
  @Post()
  @Header('Cache-Control', 'no-store')
  @ApiBody({ schema: anyEntry })
  @Answers(200, { description: 'It had been logged before.', json: 'AppendedEntry' })
  @Refuses(404, 'certificate_not_found')
  @Refuses(409, 'issuance_known')
  @Refuses(422, 'invalid_entry')
  @Refuses(503, 'log_unavailable', 'log_busy', 'log_stopping')
  async append(
    @Body(LogEntryPipe) entry: LogEntry,
    @Res({ passthrough: true }) response: Response,
  ): Promise<AppendedEntry> {
    const appended = await this.log.append(entry);
    response.status(appended.known ? HttpStatus.OK : HttpStatus.CREATED);
    return appended;
  }

  /**
   * Several entries at once, each with its own outcome, which is what it would have been answered alone: what is wrong with one
   * keeps none of the others back.
   */
  @Post('batch')
  @HttpCode(HttpStatus.OK)
  @Header('Cache-Control', 'no-store')
  @ApiBody({
    schema: {
      type: 'object',
      required: ['entries'],
      properties: { entries: { type: 'array', items: anyEntry, minItems: 1, maxItems: MAX_ENTRIES_IN_BATCH } },
    },
  })
  async appendAll(
    @Body(LogEntriesPipe) entries: readonly (LogEntry | DomainError)[],
    @Req() request: Request,
  ): Promise<EntryBatchOutcomes> {
    return { outcomes: await Promise.all(entries.map((entry) => this.outcome(entry, request.path))) };
  }

  private async outcome(entry: LogEntry | DomainError, path: string): Promise<EntryOutcome> {
    if (entry instanceof DomainError) return failed(entry, path);
    try {
      const appended = await this.log.append(entry);
      return { status: appended.known ? HttpStatus.OK : HttpStatus.CREATED, entry: appended };
    } catch (error) {
      const failure = toDomainError(error);
      if (failure.status >= 500) {
        this.logger.error({ msg: 'entry not logged', code: failure.code, err: failure.cause ?? failure });
      }
      return failed(failure, path);
    }
  }
}

function failed(error: DomainError, path: string): EntryOutcome {
  const { status, retryAfterSeconds: retry } = error;
  const problem = problemDocument(error, path, currentRequestId());
  return { status, problem, ...(retry === undefined ? {} : { retry_after_seconds: retry }) };
}
