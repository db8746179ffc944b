import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { dialectOf } from './dialect';

/**
 * Several statements that happen together or not at all: `unitOfWork.run((manager) => …)`.
 *
 * PostgreSQL takes a transaction on a connection of the pool. TypeORM has one connection for SQLite, on which
 * transactions of concurrent requests would nest into each other and swallow foreign statements: there, units of work
 * queue for a second connection and begin with the write lock held.
 */
@Injectable()
export class UnitOfWork implements OnModuleDestroy {
  private queue: Promise<unknown> = Promise.resolve();
  private second: Promise<DataSource> | undefined;

  constructor(private readonly dataSource: DataSource) {}

  async run<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    if (dialectOf(this.dataSource) === 'postgres') return this.dataSource.transaction(work);
    const turn = this.queue.then(() => this.runOnSecondConnection(work));
    this.queue = turn.catch(() => undefined);
    return turn;
  }

  /**
   * One statement that writes, and needs no transaction of its own. On SQLite it takes its turn among the units of work:
   * beside one it would wait for its lock in a thread, of which there are few.
   */
  async single<T>(statement: (manager: EntityManager) => Promise<T>): Promise<T> {
    if (dialectOf(this.dataSource) === 'postgres') return statement(this.dataSource.manager);
    return this.run(statement);
  }

  async onModuleDestroy(): Promise<void> {
    await this.queue;
    await (await this.second)?.destroy();
    this.second = undefined;
  }

  private async runOnSecondConnection<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    this.second ??= new DataSource(this.dataSource.options).initialize();
    const queryRunner = (await this.second).createQueryRunner();
    await queryRunner.query('BEGIN IMMEDIATE');
    try {
      const result = await work(queryRunner.manager);
      await queryRunner.query('COMMIT');
      return result;
    } catch (error) {
      await queryRunner.query('ROLLBACK');
      throw error;
    }
  }
}
