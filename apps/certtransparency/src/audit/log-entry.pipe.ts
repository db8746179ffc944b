import { Injectable, type PipeTransform } from '@nestjs/common';
import { CrlEntry, IssuedEntry, type LogEntry, MAX_ENTRIES_IN_BATCH, RevokedEntry } from '@libs/contracts';
import { InvalidRequest, toDomainError, type DomainError, validationPipe } from '@libs/http';

const TYPES = { issued: IssuedEntry, revoked: RevokedEntry, crl: CrlEntry } as const;

/** Validates a body by the class that its `type` names: the global pipe knows one class for a parameter, not three. */
@Injectable()
export class LogEntryPipe implements PipeTransform<unknown, Promise<LogEntry>> {
  private readonly pipe = validationPipe();

  async transform(body: unknown): Promise<LogEntry> {
    const type = typeof body === 'object' && body !== null && 'type' in body ? body.type : undefined;
    if (type !== 'issued' && type !== 'revoked' && type !== 'crl') {
      throw new InvalidRequest([{ field: 'type', message: 'type must be one of issued, revoked, crl' }]);
    }
    return (await this.pipe.transform(body, { type: 'body', metatype: TYPES[type] })) as LogEntry;
  }
}

/** The entries of a batch, each by itself: one that is not valid is an error among the others. */
@Injectable()
export class LogEntriesPipe implements PipeTransform<unknown, Promise<readonly (LogEntry | DomainError)[]>> {
  private readonly single = new LogEntryPipe();

  async transform(body: unknown): Promise<readonly (LogEntry | DomainError)[]> {
    return Promise.all(entriesOf(body).map((entry) => this.single.transform(entry).catch(toDomainError)));
  }
}

function entriesOf(body: unknown): readonly unknown[] {
  const members: Record<string, unknown> = typeof body === 'object' && body !== null ? { ...body } : {};
  const { entries, ...others } = members;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw new InvalidRequest([{ field: unknown, message: `property ${unknown} should not exist` }]);
  }
  if (Array.isArray(entries) && entries.length > 0 && entries.length <= MAX_ENTRIES_IN_BATCH) return entries;
  const message = `entries must be a list of 1 to ${String(MAX_ENTRIES_IN_BATCH)} entries`;
  throw new InvalidRequest([{ field: 'entries', message }]);
}
