import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { Bell } from '../bell';
import { type Problems, reasonOf } from '../problems';
import type { RevocationStore } from '../state/revocation-store';
import { keyOf, type KnownSessions } from './known-sessions';
import type { ManagementConnection } from './management-connection';
import type { EstablishedSession, ListedSession } from './management-protocol';
import { cut, type Verdict } from './session-cut';

const SWEEP_EVERY_MS = 30_000;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 2_000;
const ATTEMPTS = 5;
/** A client that is just connecting is listed a moment before its certificate is told. */
const SECOND_LOOK_MS = 300;

export interface GuardOptions {
  readonly open: (onEstablished: (session: EstablishedSession) => void) => Promise<ManagementConnection>;
  readonly known: KnownSessions;
  readonly store: Pick<RevocationStore, 'isRevoked' | 'appliedAt'>;
  readonly problems: Problems;
  readonly logger: Logger;
}

/** Ends the sessions of revoked certificates, and goes on looking for them for as long as the agent lives. */
export class SessionGuard {
  isConnected = false;
  /** Clients connected at the last look; undefined before. */
  sessions: number | undefined;
  /** Of revoked certificates, since the agent was started. */
  sessionsCut = 0;
  private readonly bell = new Bell();

  constructor(private readonly options: GuardOptions) {}

  /** To be called when something has been revoked. */
  wake(): void {
    this.bell.ring();
  }

  async run(signal: AbortSignal): Promise<void> {
    let pause = FIRST_PAUSE_MS;
    while (!signal.aborted) {
      const wasConnectedAt = await this.attend(signal);
      pause = wasConnectedAt ? FIRST_PAUSE_MS : Math.min(pause * 2, LONGEST_PAUSE_MS);
      await delay(pause, undefined, { signal }).catch(() => undefined);
    }
  }

  /** A single look. @returns whether it could be done */
  async once(): Promise<boolean> {
    const stop = new AbortController();
    stop.abort();
    await this.attend(stop.signal);
    return !this.options.problems.codes.some((code) => code === 'management_unreachable' || code === 'session_not_cut');
  }

  /** Stays connected until the connection ends or the signal is given. Answers whether there was a connection. */
  private async attend(signal: AbortSignal): Promise<boolean> {
    const { open, problems } = this.options;
    let connection: ManagementConnection | undefined;
    try {
      connection = await open((session) => {
        this.greet(session);
      });
      this.isConnected = true;
      problems.clear('management_unreachable');
      await this.watch(connection, signal);
    } catch (error) {
      problems.raise('management_unreachable', `OpenVPN's management interface: ${reasonOf(error)}`);
    } finally {
      this.isConnected = false;
      connection?.close();
    }
    return connection !== undefined;
  }

  private async watch(connection: ManagementConnection, signal: AbortSignal): Promise<void> {
    for (;;) {
      await this.sweep(connection);
      await connection.orEnd(this.bell.wait(SWEEP_EVERY_MS, signal));
      if (signal.aborted) return;
    }
  }

  /** Somebody who got in with an old CRL is cut as soon as the certificate is told. */
  private greet(session: EstablishedSession): void {
    this.options.known.learn(session);
    if (session.serialNumber !== undefined && this.options.store.isRevoked(session.serialNumber)) this.bell.ring();
  }

  private async sweep(connection: ManagementConnection): Promise<void> {
    const { known, problems, logger } = this.options;
    const cutBefore = this.sessionsCut;
    const ended = new Set<string>();
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      known.expectList();
      const sessions = await connection.status();
      this.sessions = sessions.length;
      known.retain(sessions);
      const offenders = await this.offenders(connection, sessions, attempt === 0);
      if (offenders.length === 0) {
        problems.clear('session_not_cut');
        return;
      }
      for (const offender of offenders) if (offender.verdict === 'revoked') ended.add(keyOf(offender));
      this.sessionsCut = cutBefore + ended.size;
      const started = performance.now();
      await cut(connection, offenders, sessions);
      logger.info({ count: offenders.length, duration_ms: Math.round(performance.now() - started) }, 'sessions cut');
    }
    problems.raise('session_not_cut', 'OpenVPN keeps sessions that it was told to end');
  }

  /** Sessions to be ended: of revoked certificates, and those that may be of one. */
  private async offenders(
    connection: ManagementConnection,
    sessions: readonly ListedSession[],
    isFirstLook: boolean,
  ): Promise<(ListedSession & { readonly verdict: Verdict })[]> {
    const judged = this.judge(sessions);
    if (!isFirstLook || !judged.some(({ verdict }) => verdict === 'unknown')) return judged;
    const revoked = judged.filter(({ verdict }) => verdict === 'revoked');
    if (revoked.length > 0) return revoked;
    await delay(SECOND_LOOK_MS);
    return this.judge(await connection.status());
  }

  private judge(sessions: readonly ListedSession[]): (ListedSession & { readonly verdict: Verdict })[] {
    return sessions.flatMap((session) => {
      const verdict = this.verdictOn(session);
      return verdict === undefined ? [] : [{ ...session, verdict }];
    });
  }

  private verdictOn(session: ListedSession): Verdict | undefined {
    const { known, store } = this.options;
    const serial = known.serialOf(session);
    if (serial !== undefined) return store.isRevoked(serial) ? 'revoked' : undefined;
    return session.connectedSince * 1_000 <= store.appliedAt ? 'unknown' : undefined;
  }
}
