import { assertUtc } from '@libs/database';
import { Readiness } from '@libs/http';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** Without its database the frontend is not ready; with one that keeps local time it does not start. */
@Injectable()
export class DatabaseReadiness implements OnModuleInit {
  constructor(
    private readonly dataSource: DataSource,
    private readonly readiness: Readiness,
  ) {}

  async onModuleInit(): Promise<void> {
    await assertUtc(this.dataSource);
    this.readiness.register('database', async () => {
      await this.dataSource.query('SELECT 1');
    });
  }
}
