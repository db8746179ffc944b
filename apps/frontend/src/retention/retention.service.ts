import { dialectOf, UnitOfWork } from '@libs/database';
import { Clock } from '@libs/http';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { FrontendConfig } from '../config/frontend.config';
import { RETENTION_RULES, type RetentionRule } from './retention-rules';

/** How many rows of each table were deleted. */
export type RetentionReport = Readonly<Record<string, number>>;

const BATCH = 500;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/**
 * Deletes what has come to an end, batch by batch, each in a short unit of work, so that requests get their turn in between.
 * Any number of replicas may do so at once: on PostgreSQL each takes rows that no other has locked.
 */
@Injectable()
export class Retention {
  constructor(
    private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    @Inject(FrontendConfig) private readonly config: Pick<FrontendConfig, 'retention'>,
    private readonly clock: Clock,
  ) {}

  /** @param goesOn asked before each batch: a service that is to stop does not wait for the rest */
  async deleteOver(goesOn: () => boolean = () => true): Promise<RetentionReport> {
    const report: Record<string, number> = {};
    for (const rule of RETENTION_RULES) {
      let deleted = 0;
      for (let count = BATCH; count === BATCH && goesOn(); deleted += count) {
        count = await this.unitOfWork.run((manager) => this.deleteBatch(manager, rule));
      }
      report[rule.name] = deleted;
    }
    return report;
  }

  private async deleteBatch(manager: EntityManager, rule: RetentionRule): Promise<number> {
    const now = this.clock.now().getTime();
    const times = { recently: new Date(now - HOUR_MS), cutoff: new Date(now - this.config.retention.days * DAY_MS) };
    const query = manager
      .createQueryBuilder()
      .select(`"${rule.key}"`, 'key')
      .from(rule.entity, 'row')
      .where(rule.isOver, times)
      .limit(BATCH);
    if (dialectOf(this.dataSource) === 'postgres') query.setLock('pessimistic_write').setOnLocked('skip_locked');
    const keys = (await query.getRawMany<{ readonly key: string }>()).map(({ key }) => key);
    if (keys.length === 0) return 0;
    await rule.release?.(manager, keys);
    const condition = `"${rule.key}" IN (:...keys)`;
    await manager.createQueryBuilder().delete().from(rule.entity).where(condition, { keys }).execute();
    return keys.length;
  }
}
