import { createHash, randomInt } from 'node:crypto';
import type { CertificateKind, CertificateSearch } from '@libs/contracts';
import type { LargeLog } from './large-log';
import { PSKS, STEP_MS, USERS } from './large-log.sql';

/** A kind of search; every call asks for something else. */
export type SearchMaker = () => CertificateSearch;

const DAY_MS = 86_400_000;

const sha256 = (text: string) => createHash('sha256').update(text).digest();
const iso = (milliseconds: number) => new Date(milliseconds).toISOString();
const oneOf = <T>(...values: readonly [T, ...T[]]): T => values[randomInt(values.length)] ?? values[0];

function uuid(text: string): string {
  const hex = createHash('md5').update(text).digest('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Searches in a loaded log, by what the loader made of each index. */
export class LargeLogSearches {
  constructor(private readonly log: LargeLog) {}

  /** One for each filter, and for each of its faces that makes a difference. */
  filters(): Readonly<Record<string, SearchMaker>> {
    const user = () => ({ user_id: uuid(`user${randomInt(USERS)}`) });
    return {
      none: () => ({}),
      fingerprint: () => ({ fingerprint: this.log.fingerprints[randomInt(this.log.fingerprints.length)] ?? '' }),
      serial: () => ({ serial: this.serial(this.issuedIndex()) }),
      user,
      psk: () => ({ psk_id: `psk-${randomInt(PSKS)}` }),
      issuance: () => ({ issuance_id: uuid(`issuance${this.issuedIndex()}`) }),
      issuer: () => ({ issuer: this.issuer() }),
      'kind user': () => ({ kind: 'user' }),
      'kind computer': () => ({ kind: 'computer' }),
      'kind server': () => ({ kind: 'server' }),
      'status valid': () => ({ status: 'valid' }),
      'status expired': () => ({ status: 'expired' }),
      'status revoked': () => ({ status: 'revoked' }),
      'status valid then': () => ({ status: 'valid', at: this.moment() }),
      'status expired then': () => ({ status: 'expired', at: this.moment() }),
      'status revoked then': () => ({ status: 'revoked', at: this.moment() }),
      'name of one': () => ({
        common_name: createHash('md5')
          .update(`name${randomInt(USERS)}`)
          .digest('hex')
          .slice(0, 6),
      }),
      'name of a few': () => ({ common_name: `gateway-${randomInt(PSKS)}.` }),
      'name of some': () => ({
        common_name: sha256(String(randomInt(1e9)))
          .toString('hex')
          .slice(0, 3),
      }),
      'name of many': () => ({ common_name: oneOf('anna', 'DMITRI', 'gül.', 'berlin') }),
      'name of all': () => ({ common_name: 'Example' }),
      'name of nobody': () => ({ common_name: `qqq${randomInt(1000)}` }),
      'issued on a day': () => this.range('issued', 1),
      'issued in a year': () => this.range('issued', 365),
      'expires on a day': () => this.range('expires', 1),
      'expires in a quarter': () => this.range('expires', 91),
    };
  }

  /** What people ask for by several filters at once. */
  combinations(): Readonly<Record<string, SearchMaker>> {
    const kind = () => ({ kind: oneOf<CertificateKind>('user', 'computer', 'server') });
    const issuer = () => ({ issuer: this.issuer() });
    const user = () => ({ user_id: uuid(`user${randomInt(USERS)}`) });
    return {
      'kind and valid': () => ({ ...kind(), status: 'valid' }),
      'kind and expired': () => ({ ...kind(), status: 'expired' }),
      'kind and revoked': () => ({ ...kind(), status: 'revoked' }),
      'kind and issued': () => ({ ...kind(), ...this.range('issued', 30) }),
      'kind and expires': () => ({ ...kind(), ...this.range('expires', 30) }),
      'issuer and kind': () => ({ ...issuer(), ...kind() }),
      'issuer and valid': () => ({ ...issuer(), status: 'valid' }),
      'issuer and expired': () => ({ ...issuer(), status: 'expired' }),
      'issuer and revoked': () => ({ ...issuer(), status: 'revoked' }),
      'issuer and expires': () => ({ ...issuer(), ...this.range('expires', 30) }),
      'user and valid': () => ({ ...user(), status: 'valid' }),
      'user and revoked': () => ({ ...user(), status: 'revoked' }),
      'user and issued': () => ({ ...user(), ...this.range('issued', 365) }),
      'psk and kind': () => ({ psk_id: `psk-${randomInt(PSKS)}`, kind: 'server' }),
      'revoked and expires': () => ({ status: 'revoked', ...this.range('expires', 30) }),
      'name and valid': () => ({ common_name: 'anna', status: 'valid' }),
      'name and revoked': () => ({ common_name: 'berlin', status: 'revoked' }),
      'name, kind and issued': () => ({ common_name: 'berlin', kind: 'computer', ...this.range('issued', 30) }),
    };
  }

  private issuedIndex(): number {
    const index = randomInt(this.log.size);
    return index % 20 === 19 || index % 1000 === 500 ? this.issuedIndex() : index;
  }

  private serial(index: number): string {
    const serial = sha256(`serial${index}`).subarray(0, 20);
    serial.writeUInt8(1 + (index % 126));
    return serial.toString('hex').toUpperCase();
  }

  /** Of some entry, so that old ones come as often as they issued. */
  private issuer(): string {
    return sha256(`issuer${Math.floor(randomInt(this.log.size) / 400_000)}`).toString('hex');
  }

  private time(): number {
    return this.log.start + randomInt(this.log.size) * STEP_MS;
  }

  private moment(): string {
    return iso(this.time());
  }

  private range(what: 'issued' | 'expires', days: number): CertificateSearch {
    const from = this.time();
    return { [`${what}_from`]: iso(from), [`${what}_to`]: iso(from + days * DAY_MS) };
  }
}
