import { Clock } from '@libs/http';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { randomUUID } from 'node:crypto';
import type { Repository } from 'typeorm';
import { pageOf, type CursorPage, type PageRequest } from '../credentials/page';
import type { Psk } from '../psks/psk.entity';
import { ReportPace } from './report-pace';
import type { ServerReportDto } from './server-report.dto';
import { ServerState } from './server-state.entity';
import { TooManyReports, TooManyServers } from './servers.errors';

const SERVERS_PER_PSK = 64;

/** What a later report of the same server replaces. */
const REPORTED_COLUMNS = [
  'agent_version',
  'sequence',
  'log_size',
  'page_issued_at',
  'crls',
  'management',
  'sessions',
  'sessions_cut',
  'problems',
  'reported_at',
];

/** What the agents beside OpenVPN servers say they have applied. It is their word: nothing is decided by it. */
@Injectable()
export class ServersService {
  private readonly pace = new ReportPace();

  constructor(
    @InjectRepository(ServerState) private readonly states: Repository<ServerState>,
    private readonly clock: Clock,
  ) {}

  /** @throws TooManyReports, TooManyServers */
  async report(psk: Psk, report: ServerReportDto): Promise<void> {
    const now = this.clock.now();
    const wait = this.pace.delaySeconds(psk.id, now);
    if (wait !== undefined) throw new TooManyReports(wait);
    await this.refuseNamesWithoutEnd(psk, report.name);
    await this.states
      .createQueryBuilder()
      .insert()
      .values(stateOf(psk, report, now))
      .orUpdate(REPORTED_COLUMNS, ['psk_id', 'name'])
      .execute();
  }

  /** Newest servers first. */
  async list(page: PageRequest): Promise<CursorPage<ServerState>> {
    return pageOf(this.states.createQueryBuilder('state'), 'state', page);
  }

  private async refuseNamesWithoutEnd(psk: Psk, name: string): Promise<void> {
    const isKnown = await this.states.existsBy({ pskId: psk.id, name });
    if (!isKnown && (await this.states.countBy({ pskId: psk.id })) >= SERVERS_PER_PSK) throw new TooManyServers();
  }
}

function stateOf(psk: Psk, report: ServerReportDto, now: Date): ServerState {
  return {
    id: randomUUID(),
    pskId: psk.id,
    name: report.name,
    agentVersion: report.agent_version,
    sequence: report.sequence,
    logSize: report.log_size,
    pageIssuedAt: report.page_issued_at === undefined ? null : new Date(report.page_issued_at),
    crls: report.crls.map(({ issuer, number }) => ({ issuer, number })),
    management: report.management,
    sessions: report.sessions ?? null,
    sessionsCut: report.sessions_cut,
    problems: report.problems,
    createdAt: now,
    reportedAt: now,
  };
}
