import { Frontier } from '@libs/tlog';
import type { Alarm } from './alarm';

/** A revocation that stands in the log, with what its certificate says. Times are milliseconds since 1970. */
export interface LoggedRevocation {
  readonly issuer: string;
  /** Upper-case hex. */
  readonly serial: string;
  readonly index: number;
  readonly loggedAt: number;
  readonly notAfter: number;
}

/** A CRL that stands in the log. */
export interface LoggedCrl {
  readonly issuer: string;
  readonly number: number;
  readonly sha256: string;
}

/** What the log has grown by. */
export interface Growth {
  /** The new checkpoint, and the edge of its tree. */
  readonly checkpoint: string;
  readonly frontier: Frontier;
  readonly revocations: readonly LoggedRevocation[];
  readonly crls: readonly LoggedCrl[];
  /** About entries that must not be there. */
  readonly alarms: readonly Alarm[];
}

/** Certificates stand on one CRL more after they have expired, and on CRLs that are old. */
const REMEMBERED_AFTER_EXPIRY_MS = 30 * 86_400_000;
/** Of each issuer; a CRL that is served and older than so many is as good as unknown. */
const REMEMBERED_CRLS = 1_000;
const REMEMBERED_ALARMS = 100;

/** What a monitor knows from the part of the log that it has followed: the whole of it, from the first entry on. */
export class MonitorState {
  private readonly bySerial = new Map<string, LoggedRevocation>();
  private readonly byHash = new Map<string, LoggedCrl>();

  constructor(
    /** The last checkpoint that was found good; undefined before the first. */
    readonly checkpoint: string | undefined,
    readonly frontier: Frontier,
    revocations: Iterable<LoggedRevocation>,
    crls: Iterable<LoggedCrl>,
    /** An entry stays where it is, and so does the alarm about it. */
    readonly alarms: readonly Alarm[],
  ) {
    for (const revocation of revocations) this.bySerial.set(serialKey(revocation), revocation);
    for (const crl of crls) this.byHash.set(crl.sha256, crl);
  }

  static empty(): MonitorState {
    return new MonitorState(undefined, Frontier.empty(), [], [], []);
  }

  get revocations(): readonly LoggedRevocation[] {
    return [...this.bySerial.values()];
  }

  /** In the order in which they were logged. */
  get crls(): readonly LoggedCrl[] {
    return [...this.byHash.values()];
  }

  revocation(issuer: string, serial: string): LoggedRevocation | undefined {
    return this.bySerial.get(serialKey({ issuer, serial }));
  }

  crl(sha256: string): LoggedCrl | undefined {
    return this.byHash.get(sha256);
  }

  /** The state after the log has grown, without what is of no use any more. */
  grown({ checkpoint, frontier, revocations, crls, alarms }: Growth, now: Date): MonitorState {
    const useful = ({ notAfter }: LoggedRevocation) => notAfter + REMEMBERED_AFTER_EXPIRY_MS > now.getTime();
    return new MonitorState(
      checkpoint,
      frontier,
      [...this.bySerial.values(), ...revocations].filter(useful),
      newest([...this.byHash.values(), ...crls]),
      [...this.alarms, ...alarms].slice(0, REMEMBERED_ALARMS),
    );
  }
}

function serialKey({ issuer, serial }: Pick<LoggedRevocation, 'issuer' | 'serial'>): string {
  return `${issuer}/${serial}`;
}

function newest(crls: readonly LoggedCrl[]): LoggedCrl[] {
  const counts = new Map<string, number>();
  const kept = crls.toReversed().filter(({ issuer }) => {
    const count = (counts.get(issuer) ?? 0) + 1;
    counts.set(issuer, count);
    return count <= REMEMBERED_CRLS;
  });
  return kept.reverse();
}
