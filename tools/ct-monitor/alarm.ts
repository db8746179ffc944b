export const ALARM_KINDS = [
  'checkpoint_invalid',
  'log_shrunk',
  'log_forked',
  'entries_differ',
  'entry_invalid',
  'crl_invalid',
  'crl_missing',
  'crl_expired',
  'crl_not_logged',
  'crl_lacks_revocation',
  'crl_has_unlogged_revocation',
] as const;
export type AlarmKind = (typeof ALARM_KINDS)[number];

/** Something that must not be; somebody has to look at it. */
export interface Alarm {
  readonly kind: AlarmKind;
  /** A sentence without its full stop. */
  readonly detail: string;
}

/** Ends a round with an alarm: what comes after would be built on sand. */
export class Alarming extends Error {
  constructor(readonly alarm: Alarm) {
    super(alarm.detail);
  }
}

export function alarming(kind: AlarmKind, detail: string): Alarming {
  return new Alarming({ kind, detail });
}
