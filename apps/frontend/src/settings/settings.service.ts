import { UnitOfWork } from '@libs/database';
import { Clock, InvalidRequest } from '@libs/http';
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { FrontendConfig } from '../config/frontend.config';
import { type EventActor, Events } from '../events/events.service';
import { SettingsChangedMeanwhile } from './settings.errors';
import { StoredSettings } from './settings.entity';
import {
  chosenAfter,
  defaultSettings,
  type SettingsChange,
  settingsInForce,
  type SettingsValues,
} from './settings-values';

export interface SettingsInForce {
  readonly values: SettingsValues;
  readonly version: number;
  /** Null until the first change. */
  readonly updatedAt: Date | null;
  readonly updatedBy: string | null;
}

/** The one row. */
const ID = 1;
/** How old what other replicas have changed may be when it is seen here. */
const FRESH_MS = 3_000;

/** What administrators have set: read by the rules that follow it, changed by whoever has seen the version that stands. */
@Injectable()
export class Settings implements OnModuleInit {
  private readonly logger = new Logger('Settings');
  private readonly defaults: SettingsValues;
  private known: SettingsInForce;
  private readAt = Number.NEGATIVE_INFINITY;
  private reading: Promise<SettingsInForce> | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly events: Events,
    private readonly clock: Clock,
    config: FrontendConfig,
  ) {
    this.defaults = defaultSettings(config);
    this.known = { values: this.defaults, version: 0, updatedAt: null, updatedBy: null };
  }

  async onModuleInit(): Promise<void> {
    await this.read();
  }

  /** For rules: at most three seconds old. */
  async current(): Promise<SettingsValues> {
    return (this.isFresh() ? this.known : await this.shared()).values;
  }

  /** For pages, which wait for nothing: as last read, and read again for the next one. */
  recent(): SettingsValues {
    if (!this.isFresh()) {
      this.shared().catch((error: unknown) => {
        this.logger.warn({ msg: 'settings could not be read', err: error });
      });
    }
    return this.known.values;
  }

  /** As they stand in the database at this moment, with their version. */
  async read(): Promise<SettingsInForce> {
    const startedAt = performance.now();
    const inForce = await this.readFrom(this.dataSource.manager);
    this.remember(inForce, startedAt);
    return inForce;
  }

  /**
   * One conditional UPDATE decides: of any number of changes to the same version one succeeds.
   *
   * @param seen the versions that the caller has seen
   * @throws SettingsChangedMeanwhile, InvalidRequest when the settings would contradict each other
   */
  async change(change: SettingsChange, seen: readonly number[], actor: EventActor): Promise<SettingsInForce> {
    const inForce = await this.unitOfWork.run(async (manager) => {
      const row = await manager.findOneByOrFail(StoredSettings, { id: ID });
      if (!seen.includes(row.version)) throw new SettingsChangedMeanwhile(row.version);
      const chosen = chosenAfter(row.chosen, change);
      refuseContradictions(settingsInForce(this.defaults, chosen));
      const next = { version: row.version + 1, chosen, updatedAt: this.clock.now(), updatedBy: actor.userId };
      const { affected } = await manager.update(StoredSettings, { id: ID, version: row.version }, next);
      if (affected !== 1) throw new SettingsChangedMeanwhile((await this.readFrom(manager)).version);
      await this.recordChange(manager, change, next.version, actor);
      return this.inForce({ id: ID, ...next });
    });
    this.remember(inForce, performance.now());
    this.logger.log({ msg: 'settings changed', version: inForce.version, names: Object.keys(change) });
    return inForce;
  }

  private async recordChange(
    manager: EntityManager,
    change: SettingsChange,
    version: number,
    actor: EventActor,
  ): Promise<void> {
    for (const [name, value] of Object.entries(change)) {
      if (value === undefined) continue;
      await this.events.record(manager, {
        actor,
        action: 'setting.changed',
        objectId: name,
        details: { version, value },
      });
    }
  }

  private isFresh(): boolean {
    return performance.now() - this.readAt < FRESH_MS;
  }

  /** One read for however many ask at once. */
  private shared(): Promise<SettingsInForce> {
    this.reading ??= this.read().finally(() => {
      this.reading = undefined;
    });
    return this.reading;
  }

  private async readFrom(manager: EntityManager): Promise<SettingsInForce> {
    return this.inForce(await manager.findOneByOrFail(StoredSettings, { id: ID }));
  }

  private inForce({ chosen, ...row }: StoredSettings): SettingsInForce {
    return { ...row, values: settingsInForce(this.defaults, chosen) };
  }

  /** A read that began before a change here was made does not hide the change. */
  private remember(inForce: SettingsInForce, readAt: number): void {
    if (inForce.version < this.known.version) return;
    this.known = inForce;
    this.readAt = readAt;
  }
}

function refuseContradictions({ default_validity_days, max_validity_days }: SettingsValues): void {
  if (default_validity_days === null || max_validity_days === null || default_validity_days <= max_validity_days)
    return;
  throw new InvalidRequest([
    { field: 'default_validity_days', message: 'default_validity_days must not be above max_validity_days' },
  ]);
}
