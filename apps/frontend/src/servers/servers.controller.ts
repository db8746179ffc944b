import { Credential } from '@libs/auth';
import { Answers, IsWholeNumber, Refuses } from '@libs/http';
import { Body, Controller, Get, HttpCode, Post, Query, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiTags } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsOptional } from 'class-validator';
import type { Request, Response } from 'express';
import type { Psk } from '../psks/psk.entity';
import { PresentedPsk, PskGuard } from '../psks/psk.guard';
import { RevocationRelay } from './revocation-relay';
import { RevocationWatch } from './revocation-watch';
import { ServerReportDto } from './server-report.dto';
import { ServersService } from './servers.service';

/** Less than proxies commonly grant a silent connection. */
const MAX_WAIT_SECONDS = 25;

const PAGE = 'A signed note (C2SP signed-note) with the revocations, a line for each.';

export class RevocationPageQuery {
  /** The sequence number that the last page ended with; 0 at first. */
  @Type(() => Number)
  @IsWholeNumber(0, Number.MAX_SAFE_INTEGER)
  since: number = 0;

  /** Size of the log that the last page stated: the next one proves that it extends it. */
  @IsOptional()
  @Type(() => Number)
  @IsWholeNumber(0, Number.MAX_SAFE_INTEGER)
  extends?: number;

  /** How many revocations at most; default 1,000. */
  @IsOptional()
  @Type(() => Number)
  @IsWholeNumber(1, 10_000)
  limit?: number;
}

/** What the agents beside OpenVPN servers need: the revocation feed, and a place to report to. */
@ApiTags('Machines')
@Controller('api/v1')
export class ServersController {
  constructor(
    private readonly relay: RevocationRelay,
    private readonly watch: RevocationWatch,
    private readonly servers: ServersService,
  ) {}

  /**
   * Revocations from a sequence number on, as a page that the log has signed. With `Prefer: wait=N` (RFC 7240) the answer
   * comes when there is a revocation, or after N seconds.
   */
  @Get('revocations')
  @Credential(PskGuard('server'))
  @Answers(200, { description: PAGE, content: ['text/plain'], headers: { 'Cache-Control': 'Always `no-store`.' } })
  @Refuses(503, 'certtransparency_unavailable')
  @ApiHeader({ name: 'Prefer', required: false, description: `wait=N, N being ${String(MAX_WAIT_SECONDS)} at most` })
  async revocations(
    @Query() query: RevocationPageQuery,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const patience = request.method === 'HEAD' ? 0 : secondsToWait(request.headers['prefer']) * 1_000;
    const seenAt = await this.watch.next(query.since, patience, gone.signal);
    if (gone.signal.aborted) return;
    const page = await this.relay.page(query, seenAt);
    response.set('Cache-Control', 'no-store').vary('Prefer').type('text/plain').send(page);
  }

  /** Reports what a server has applied; it replaces what it reported before. */
  @Post('servers/report')
  @Credential(PskGuard('server'))
  @HttpCode(204)
  @Refuses(409, 'too_many_servers')
  @Refuses(429, 'too_many_reports')
  async report(@PresentedPsk() psk: Psk, @Body() report: ServerReportDto): Promise<void> {
    await this.servers.report(psk, report);
  }
}

/** The `wait` preference in seconds; 0 without one, or with one that makes no sense (RFC 7240 §2: it is ignored). */
export function secondsToWait(prefer: string | string[] | undefined): number {
  const [, seconds] = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})"?(?=$|[,;\s])/i.exec([prefer ?? ''].flat().join(',')) ?? [];
  return Math.min(Number(seconds ?? 0), MAX_WAIT_SECONDS);
}
