import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../state/replace-file';
import type { EstablishedSession, ListedSession } from './management-protocol';

/** Empty for a client that has shown no certificate. */
type Serial = string;

/**
 * The serial numbers of the sessions that exist. OpenVPN tells them once, when a client connects, and never again: so they are
 * kept over a restart of the agent.
 */
export class KnownSessions {
  private readonly path: string;
  private serials = new Map<string, Serial>();
  /** What was told since the last list of sessions was asked for, and may be missing in it. */
  private readonly news = new Set<string>();
  private saving: Promise<void> = Promise.resolve();
  private willSave = false;

  constructor(stateDirectory: string) {
    this.path = join(stateDirectory, 'sessions.json');
  }

  /** A file that is missing or damaged costs knowledge, and nothing else. */
  async load(): Promise<void> {
    try {
      const stored = JSON.parse(await readFile(this.path, 'utf8')) as Record<string, unknown>;
      const entries = Object.entries(stored).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
      this.serials = new Map(entries);
    } catch {
      this.serials = new Map();
    }
  }

  /** Upper-case hex; empty for a client without certificate; undefined when it connected while nobody listened. */
  serialOf(session: ListedSession): Serial | undefined {
    return this.serials.get(keyOf(session));
  }

  learn(session: EstablishedSession): void {
    const key = keyOf(session);
    this.serials.set(key, session.serialNumber ?? '');
    this.news.add(key);
    this.save();
  }

  /** To be called before a list of sessions is asked for. */
  expectList(): void {
    this.news.clear();
  }

  /** Forgets all others, but for those that have begun while the list was on its way. */
  retain(sessions: readonly ListedSession[]): void {
    const keys = new Set([...this.news, ...sessions.map(keyOf)]);
    const before = this.serials.size;
    for (const key of this.serials.keys()) if (!keys.has(key)) this.serials.delete(key);
    if (this.serials.size !== before) this.save();
  }

  /** Resolves when what was learned so far stands on disk, or could not be written. */
  async saved(): Promise<void> {
    await this.saving;
  }

  /** One write after the other, and one for all that is learned while another is under way. */
  private save(): void {
    if (this.willSave) return;
    this.willSave = true;
    this.saving = this.saving.then(() => this.write());
  }

  /** A full disk costs what a restart would want to know, and nothing else. */
  private async write(): Promise<void> {
    this.willSave = false;
    await replaceFile(this.path, JSON.stringify(Object.fromEntries(this.serials)), 0o600).catch(() => undefined);
  }
}

/** Client ids begin anew when OpenVPN does, and addresses change when a client roams. */
export function keyOf({ clientId, connectedSince, commonName }: ListedSession): string {
  return `${clientId} ${connectedSince} ${commonName}`;
}
