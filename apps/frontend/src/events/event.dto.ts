import { IsIsoUtc, UUID } from '@libs/contracts';
import { IsIn, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import { PageQuery } from '../credentials/page';
import { EVENT_ACTION_NAMES, EVENT_OBJECT_TYPES, type EventAction, type EventObjectType } from './event-actions';
import type { AdminEvent, EventDetails } from './event.entity';

/** Query of `GET /api/v1/admin/events`; several conditions must all hold. */
export class EventListQuery extends PageQuery {
  /** Id of a user. */
  @IsOptional()
  @Matches(UUID, { message: 'actor must be the id of a user, a UUID in lower case' })
  actor?: string;

  @IsOptional()
  @IsIn(EVENT_ACTION_NAMES)
  action?: EventAction;

  @IsOptional()
  @IsIn(EVENT_OBJECT_TYPES)
  object_type?: EventObjectType;

  @IsOptional()
  @IsString()
  @MaxLength(128)
  @Matches(/^\P{Cc}*$/u, { message: 'object_id must not have control characters' })
  object_id?: string;

  @IsOptional()
  @Matches(/^[A-Za-z0-9._-]{8,128}$/, { message: 'request_id must be one that an answer had as X-Request-Id' })
  request_id?: string;

  @IsOptional()
  @IsIsoUtc()
  from?: string;

  /** Not included. */
  @IsOptional()
  @IsIsoUtc()
  to?: string;
}

/** What an administrator did. */
export interface EventResponse {
  readonly id: string;
  readonly at: string;
  readonly actor: {
    readonly user_id: string;
    /** Null when the person acted in a session. */
    readonly api_token_id: string | null;
  };
  readonly action: EventAction;
  readonly object: { readonly type: EventObjectType; readonly id: string };
  readonly request_id: string | null;
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
