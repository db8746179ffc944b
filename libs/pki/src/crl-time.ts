import { DerTag } from './der';
import { MalformedDer } from './der-reader';

/** Dates of certificates and revocations as whole seconds since 1970 that fit 32 bits: until 2106. */
export const LATEST_SECOND = 0xffff_ffff;

const DAY_SECONDS = 86_400;
const ZERO = 0x30;
const Z = 0x5a;

/** @throws RangeError outside of 1970 to 2106 */
export function secondsOf(date: Date): number {
  const seconds = Math.floor(date.getTime() / 1000);
  if (seconds >= 0 && seconds <= LATEST_SECOND) return seconds;
  throw new RangeError('the date is outside the years 1970 to 2106');
}

/**
 * Writes Times (RFC 5280 §4.1.2.5) in great number: UTCTime until the end of 2049, GeneralizedTime from 2050 on. The day is spelled
 * out when it differs from the one before.
 */
export class TimeWriter {
  private day = -1;
  /** Tag and length, then the digits of the day. */
  private head: Buffer = Buffer.alloc(0);

  /** Answers the offset behind the Time. */
  write(target: Buffer, offset: number, seconds: number): number {
    const day = Math.floor(seconds / DAY_SECONDS);
    if (day !== this.day) this.begin(day);
    target.set(this.head, offset);
    let end = offset + this.head.length;
    const second = seconds - day * DAY_SECONDS;
    end = writeTwoDigits(target, end, Math.floor(second / 3600));
    end = writeTwoDigits(target, end, Math.floor(second / 60) % 60);
    end = writeTwoDigits(target, end, second % 60);
    target[end] = Z;
    return end + 1;
  }

  private begin(day: number): void {
    const text = new Date(day * DAY_SECONDS * 1000).toISOString().slice(0, 10).replaceAll('-', '');
    const isShort = text < '20500101';
    const digits = isShort ? text.slice(2) : text;
    const tag = isShort ? DerTag.utcTime : DerTag.generalizedTime;
    this.head = Buffer.concat([Buffer.of(tag, digits.length + 7), Buffer.from(digits, 'latin1')]);
    this.day = day;
  }
}

function writeTwoDigits(target: Buffer, offset: number, value: number): number {
  const tens = Math.floor(value / 10);
  target[offset] = ZERO + tens;
  target[offset + 1] = ZERO + value - tens * 10;
  return offset + 2;
}

/** RFC 5280 §4.1.2.5: years before it have two digits. */
const FIRST_LONG_YEAR = 2050;

/** Reads Times back, and none but those that the writer writes. */
export class TimeReader {
  private date = -1;
  private midnight = 0;

  /** Seconds since 1970 of the Time whose tag stands at `offset`. @throws MalformedDer */
  read(bytes: Buffer, offset: number): number {
    const [tag, length] = [bytes[offset], bytes[offset + 1]];
    const isShort = tag === DerTag.utcTime && length === 13;
    if (!isShort && !(tag === DerTag.generalizedTime && length === 15)) throw notATime();
    const start = offset + 2;
    const digits = isShort ? start : start + 2;
    if (bytes[digits + 12] !== Z) throw notATime();
    const shortYear = twoDigits(bytes, digits);
    const century = isShort ? (shortYear < 50 ? 20 : 19) : twoDigits(bytes, start);
    const year = century * 100 + shortYear;
    if (!isShort && year < FIRST_LONG_YEAR) throw notATime();
    return (
      this.midnightOf(year, twoDigits(bytes, digits + 2), twoDigits(bytes, digits + 4)) + timeOfDay(bytes, digits + 6)
    );
  }

  private midnightOf(year: number, month: number, day: number): number {
    const date = (year * 100 + month) * 100 + day;
    if (date !== this.date) {
      const midnight = new Date(Date.UTC(year, month - 1, day));
      const isReal = midnight.getUTCMonth() === month - 1 && midnight.getUTCDate() === day;
      if (!isReal) throw notATime();
      this.midnight = midnight.getTime() / 1000;
      this.date = date;
    }
    return this.midnight;
  }
}

function timeOfDay(bytes: Buffer, offset: number): number {
  const [hour, minute, second] = [twoDigits(bytes, offset), twoDigits(bytes, offset + 2), twoDigits(bytes, offset + 4)];
  if (hour > 23 || minute > 59 || second > 59) throw notATime();
  return hour * 3600 + minute * 60 + second;
}

function twoDigits(bytes: Buffer, offset: number): number {
  const tens = (bytes[offset] ?? 0) - ZERO;
  const ones = (bytes[offset + 1] ?? 0) - ZERO;
  if (tens < 0 || tens > 9 || ones < 0 || ones > 9) throw notATime();
  return tens * 10 + ones;
}

const notATime = (): MalformedDer => new MalformedDer('a revocation date is not a time in whole seconds of UTC');
