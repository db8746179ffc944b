import { Body, Controller, Header, HttpStatus, Post, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiExtraModels, ApiTags, getSchemaPath } from '@nestjs/swagger';
import { ServiceCallers } from '@libs/auth';
import { type AppendedEntry, CrlEntry, IssuedEntry, type LogEntry, RevokedEntry } from '@libs/contracts';
import type { Response } from 'express';
import { WRITER } from '../callers';
import { AuditLog } from './audit-log';
import { LogEntryPipe } from './log-entry.pipe';

@ApiTags('entries')
@ApiBearerAuth()
@ApiExtraModels(IssuedEntry, RevokedEntry, CrlEntry)
@ServiceCallers(WRITER)
@Controller('api/v1/entries')
export class EntriesController {
  constructor(private readonly log: AuditLog) {}

  /** 201 once the entry is durable, 200 when the same certificate, revocation or CRL had been logged before. */
  @Post()
  @Header('Cache-Control', 'no-store')
  @ApiBody({ schema: { oneOf: [IssuedEntry, RevokedEntry, CrlEntry].map((type) => ({ $ref: getSchemaPath(type) })) } })
  async append(
    @Body(LogEntryPipe) entry: LogEntry,
    @Res({ passthrough: true }) response: Response,
  ): Promise<AppendedEntry> {
    const appended = await this.log.append(entry);
    response.status(appended.known ? HttpStatus.OK : HttpStatus.CREATED);
    return appended;
  }
}
