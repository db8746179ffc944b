import { Clock, currentRequestId } from '@libs/http';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { randomUUID } from 'node:crypto';
import type { EntityManager, Repository } from 'typeorm';
import { type CursorPage, pageOf, type PageRequest } from '../credentials/page';
import { EVENT_ACTIONS, type EventAction, type EventObjectType } from './event-actions';
import { AdminEvent, type EventDetails } from './event.entity';

/** Who acts: a principal. */
export interface EventActor {
  readonly userId: string;
  /** Set when the person's API token acts. */
  readonly apiTokenId?: string | null | undefined;
}

export interface NewEvent {
  readonly actor: EventActor;
  readonly action: EventAction;
  /** Our own id of the object where it has one; a certificate's fingerprint, a setting's name. */
  readonly objectId: string;
  /** At most 4,000 characters as JSON. */
  readonly details?: EventDetails;
}

/** Conditions that must all hold. */
export interface EventSearch extends PageRequest {
  readonly actor?: string | undefined;
  readonly action?: EventAction | undefined;
  readonly objectType?: EventObjectType | undefined;
  readonly objectId?: string | undefined;
  readonly requestId?: string | undefined;
  /** Included. */
  readonly from?: Date | undefined;
  /** Not included. */
  readonly to?: Date | undefined;
}

/** What administrators changed, for auditors. */
@Injectable()
export class Events {
  constructor(
    @InjectRepository(AdminEvent) private readonly events: Repository<AdminEvent>,
    private readonly clock: Clock,
  ) {}

  /**
   * Records what is being done, with the id of the request that is being served.
   *
   * @param manager that of the unit of work which makes the change, so that there is neither without the other
   * @returns the event's id
   */
  async record(manager: EntityManager, { actor, action, objectId, details = {} }: NewEvent): Promise<string> {
    const id = randomUUID();
    await manager.insert(AdminEvent, {
      id,
      createdAt: this.clock.now(),
      actorId: actor.userId,
      apiTokenId: actor.apiTokenId ?? null,
      action,
      objectType: EVENT_ACTIONS[action],
      objectId,
      requestId: currentRequestId() ?? null,
      details,
    });
    return id;
  }

  /**
   * For a change that another service makes: what is to be done is recorded before it is asked for, what came of it after.
   *
   * @returns the event's id
   */
  async recordAlone(event: NewEvent): Promise<string> {
    return this.record(this.events.manager, event);
  }

  /** Newest first. @throws InvalidRequest for a cursor that is not ours */
  async list(search: EventSearch): Promise<CursorPage<AdminEvent>> {
    const query = this.events.createQueryBuilder('event');
    const { from, to } = search;
    const conditions = {
      actorId: search.actor,
      action: search.action,
      objectType: search.objectType,
      objectId: search.objectId,
      requestId: search.requestId,
    };
    for (const [column, value] of Object.entries(conditions)) {
      if (value !== undefined) query.andWhere(`event.${column} = :${column}`, { [column]: value });
    }
    if (from !== undefined) query.andWhere('event.createdAt >= :from', { from });
    if (to !== undefined) query.andWhere('event.createdAt < :to', { to });
    return pageOf(query, 'event', search);
  }
}
