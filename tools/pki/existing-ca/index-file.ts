/** One certificate of OpenSSL's database (`index.txt`), which easy-rsa keeps too. */
export interface IndexEntry {
  readonly state: 'valid' | 'revoked' | 'expired';
  readonly expires: Date;
  readonly revokedAt: Date | undefined;
  /** CRLReason code; 0 where the file names none. */
  readonly reason: number;
  /** Upper-case hexadecimal as it stands there. */
  readonly serialNumber: string;
  readonly subject: string;
}

/** A line of the database cannot be understood. The message says which, without a full stop. */
export class MalformedIndex extends Error {
  override readonly name = 'MalformedIndex';
}

const STATES = { V: 'valid', R: 'revoked', E: 'expired' } as const;

/** OpenSSL's names of the reasons (crypto/x509v3), by their code; the last three carry a value behind them. */
const REASONS: ReadonlyMap<string, number> = new Map([
  ['unspecified', 0],
  ['keyCompromise', 1],
  ['CACompromise', 2],
  ['affiliationChanged', 3],
  ['superseded', 4],
  ['cessationOfOperation', 5],
  ['certificateHold', 6],
  ['holdInstruction', 6],
  ['removeFromCRL', 8],
  ['keyTime', 1],
  ['CAkeyTime', 2],
]);

/** @throws MalformedIndex */
export function parseIndex(text: string): IndexEntry[] {
  return text.split('\n').flatMap((line, position) => (line.trim() === '' ? [] : [parseLine(line, position + 1)]));
}

/** Tab-separated: state, expiry, revocation (`time[,reason[,value]]`), serial number, file name, subject. */
function parseLine(line: string, number: number): IndexEntry {
  const fields = line.replace(/\r$/, '').split('\t');
  const [letter = '', expiry = '', revocation = '', serial = '', , subject = ''] = fields;
  const malformed = (what: string): MalformedIndex => new MalformedIndex(`line ${number} of index.txt ${what}`);
  if (fields.length !== 6) throw malformed('does not have six fields');
  if (letter !== 'V' && letter !== 'R' && letter !== 'E') throw malformed('has an unknown state');
  if (!/^(?:[0-9A-Fa-f]{2})+$/.test(serial)) throw malformed('has no serial number');
  const expires = timeFromIndex(expiry);
  if (expires === undefined) throw malformed('has no time of expiry');
  const [time = '', reason = 'unspecified'] = revocation.split(',');
  const revokedAt = time === '' ? undefined : timeFromIndex(time);
  if ((letter === 'R') !== (revokedAt !== undefined)) throw malformed('does not say when it was revoked');
  const code = REASONS.get(reason);
  if (code === undefined) throw malformed('has an unknown reason');
  return { state: STATES[letter], expires, revokedAt, reason: code, serialNumber: serial.toUpperCase(), subject };
}
/** `YYMMDDhhmmssZ` (of 1950 to 2049) or `YYYYMMDDhhmmssZ`; undefined for anything else. */
function timeFromIndex(text: string): Date | undefined {
  if (!/^(?:\d{12}|\d{14})Z$/.test(text)) return undefined;
  const full = text.length === 13 ? `${text < '5' ? '20' : '19'}${text}` : text;
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(full);
  const [, year, month, day, hour, minute, second] = parts ?? [];
  const time = new Date(`${year ?? ''}-${month ?? ''}-${day ?? ''}T${hour ?? ''}:${minute ?? ''}:${second ?? ''}Z`);
  return Number.isNaN(time.getTime()) ? undefined : time;
}
