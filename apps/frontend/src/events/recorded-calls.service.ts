import { UpstreamUnavailable } from '@libs/contracts';
import { DomainError } from '@libs/http';
import { Injectable, Logger } from '@nestjs/common';
import type { EventAction } from './event-actions';
import type { EventDetails } from './event.entity';
import { type EventActor, Events, type NewEvent } from './events.service';

/** A change that another service makes, and the events that tell of it. */
export interface RecordedCall<T> {
  readonly actor: EventActor;
  readonly objectId: string;
  readonly actions: { readonly requested: EventAction; readonly done: EventAction; readonly failed: EventAction };
  readonly details: EventDetails;
  readonly call: () => Promise<T>;
  /** What came of it. */
  readonly outcome: (result: T) => EventDetails;
}

/**
 * Changes that are not in our database, so that no unit of work can hold them together with their event. That it is asked for is
 * recorded first: without that nothing is asked for. What came of it is recorded after; where a crash or an outage prevents that,
 * the request stands without an outcome, and the certificate log, which has the same request id, says how it ended.
 */
@Injectable()
export class RecordedCalls {
  private readonly logger = new Logger('RecordedCalls');

  constructor(private readonly events: Events) {}

  /** @throws what the call throws */
  async make<T>({ actor, objectId, actions, details, call, outcome }: RecordedCall<T>): Promise<T> {
    const request = await this.events.recordAlone({ actor, objectId, action: actions.requested, details });
    try {
      const result = await call();
      await this.recordOutcome({ actor, objectId, action: actions.done, details: { request, ...outcome(result) } });
      return result;
    } catch (error) {
      const failure = { request, ...failureOf(error) };
      await this.recordOutcome({ actor, objectId, action: actions.failed, details: failure });
      throw error;
    }
  }

  /** What has been done is done: whoever asked learns of it even if it cannot be recorded now. */
  private async recordOutcome(event: NewEvent): Promise<void> {
    try {
      await this.events.recordAlone(event);
    } catch (error) {
      this.logger.error({ msg: 'outcome not recorded', action: event.action, object_id: event.objectId, err: error });
    }
  }
}

function failureOf(error: unknown): EventDetails {
  const code = error instanceof DomainError ? error.code : 'internal_error';
  // Of a call that was given up nobody knows whether it was carried out.
  const mayHaveHappened =
    error instanceof UpstreamUnavailable ? error.outcome === 'unknown' : !(error instanceof DomainError);
  return { code, may_have_happened: mayHaveHappened };
}
