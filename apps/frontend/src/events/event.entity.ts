import { UtcColumn } from '@libs/database';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { EventAction, EventObjectType } from './event-actions';

/** Facts about a change that its object does not tell; never a secret, a token or a person's address. */
export type EventDetails = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

/** One thing that an administrator did. Rows are inserted and never changed. */
@Entity('events')
export class AdminEvent {
  /** UUID. */
  @PrimaryColumn({ type: 'varchar', length: 36, primaryKeyConstraintName: 'events_pkey' })
  id: string;

  @UtcColumn({ name: 'created_at' })
  createdAt: Date;

  /** The user who did it, or whose API token did. */
  @Column({ name: 'actor_id', type: 'varchar', length: 36 })
  actorId: string;

  @Column({ name: 'api_token_id', type: 'varchar', length: 36, nullable: true })
  apiTokenId: string | null;

  @Column({ type: 'varchar', length: 64 })
  action: EventAction;

  @Column({ name: 'object_type', type: 'varchar', length: 32 })
  objectType: EventObjectType;

  @Column({ name: 'object_id', type: 'varchar', length: 128 })
  objectId: string;

  /** Of the request that did it, which the services' logs and the certificate log's contexts have too. */
  @Column({ name: 'request_id', type: 'varchar', length: 128, nullable: true })
  requestId: string | null;

  @Column({ type: 'simple-json' })
  details: EventDetails;
}
