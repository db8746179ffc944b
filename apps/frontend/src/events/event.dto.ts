import { IsIsoUtc, type IsoUtc, PageQuery, UUID, type Uuid } from '@libs/contracts';
import { IsIn, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import { EVENT_ACTION_NAMES, EVENT_OBJECT_TYPES, type EventAction, type EventObjectType } from './event-actions';
import type { AdminEvent, EventDetails } from './event.entity';

/** Query of `GET /api/v1/admin/events`; several conditions must all hold. */
export class EventListQuery extends PageQuery {
  /** Id of a user. */
  @IsOptional()
  @Matches(UUID, { message: 'actor must be the id of a user, a UUID in lower case' })
  actor?: string;

  /** What was done. */
  @IsOptional()
  @IsIn(EVENT_ACTION_NAMES)
  action?: EventAction;

  /** What it was done to. */
  @IsOptional()
  @IsIn(EVENT_OBJECT_TYPES)
  object_type?: EventObjectType;

  /** What it was done to, by its id. */
  @IsOptional()
  @IsString()
  @MaxLength(128)
  @Matches(/^\P{Cc}*$/u, { message: 'object_id must not have control characters' })
  object_id?: string;

  /** Of the request that did it. */
  @IsOptional()
  @Matches(/^[A-Za-z0-9._-]{8,128}$/, { message: 'request_id must be one that an answer had as X-Request-Id' })
  request_id?: string;

  /** When it was done, at the earliest. */
  @IsOptional()
  @IsIsoUtc()
  from?: string;

  /** When it was done: before this. */
  @IsOptional()
  @IsIsoUtc()
  to?: string;
}

/** What an administrator did. */
export interface EventResponse {
  readonly id: Uuid;
  readonly at: IsoUtc;
  /** Who did it. */
  readonly actor: {
    readonly user_id: Uuid;
    /** Null when the person acted in a session. */
    readonly api_token_id: string | null;
  };
  readonly action: EventAction;
  /** What it was done to: a setting by its name, a certificate by its fingerprint, anything else by its id. */
  readonly object: { readonly type: EventObjectType; readonly id: string };
  /** Names the request in the logs. */
  readonly request_id: string | null;
  /** What else there is to know; its members depend on the action. */
  readonly details: EventDetails;
}

export function eventResponse(event: AdminEvent): EventResponse {
  return {
    id: event.id,
    at: event.createdAt.toISOString(),
    actor: { user_id: event.actorId, api_token_id: event.apiTokenId },
    action: event.action,
    object: { type: event.objectType, id: event.objectId },
    request_id: event.requestId,
    details: event.details,
  };
}
