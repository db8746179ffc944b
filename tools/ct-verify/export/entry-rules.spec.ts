import { parseSerialNumber } from '@libs/pki';
import {
  generateNoteKey,
  type IssuedLeaf,
  type Leaf,
  NO_COMMITMENT,
  printVerifierKey,
  type RevokedLeaf,
} from '@libs/tlog';
import { TestCertificates } from '../test/test-certificates';
import { EntryRules } from './entry-rules';

const ORIGIN = 'log.example/vpn';
const zeros = Buffer.from(NO_COMMITMENT);
const hashOf = (byte: number) => Buffer.alloc(32, byte);

let first: IssuedLeaf;
let second: IssuedLeaf;
let sameSerial: IssuedLeaf;
let byAnother: IssuedLeaf;

beforeAll(async () => {
  const certificates = await TestCertificates.create();
  [first, second] = [await certificates.issue('Zoë'), await certificates.issue('Eve')];
  const serial = parseSerialNumber(first.serial.toString('hex').toUpperCase());
  sameSerial = await certificates.issue('Eve', first.loggedAt, serial);
  byAnother = await (await TestCertificates.create()).issue('Eve');
});

function revocationOf({ issuer, fingerprint, loggedAt }: IssuedLeaf, change: Partial<RevokedLeaf> = {}): RevokedLeaf {
  const what = { reason: 1, revokedAt: 0, issuedIndex: 0, actorCommitment: zeros };
  return { type: 'revoked', loggedAt, commitment: zeros, issuer, fingerprint, ...what, ...change };
}

function crl(crlNumber: number, byte: number, issuer = first.issuer): Leaf {
  return { type: 'crl', loggedAt: first.loggedAt, commitment: zeros, issuer, crlNumber, crlSha256: hashOf(byte) };
}

function rotation(verifierKey: string): Leaf {
  return { type: 'key_rotation', loggedAt: first.loggedAt, commitment: zeros, verifierKey };
}

function check(leaves: readonly Leaf[]): EntryRules {
  const rules = new EntryRules(ORIGIN);
  leaves.forEach((leaf, index) => rules.check(index, leaf));
  return rules;
}

const newKey = (name = ORIGIN) => printVerifierKey(generateNoteKey(name).verifier);

describe('the rules of entries', () => {
  it('allow a log as it should be', () => {
    const leaves = [
      first,
      second,
      revocationOf(second, { issuedIndex: 1 }),
      { ...sameSerial, issuer: hashOf(9) },
      crl(1, 1),
      crl(2, 2),
      crl(1, 3, hashOf(9)),
      rotation(newKey()),
      rotation(newKey()),
      revocationOf(first),
    ];
    expect(check(leaves).counts).toEqual({ issued: 3, revoked: 2, crl: 3, key_rotation: 2 });
  });

  it('know entries by their places also behind one that breaks a rule', () => {
    const rules = check([first]);
    expect(() => rules.check(1, sameSerial)).toThrow('the serial number was used before');
    rules.check(2, second);
    expect(() => rules.check(3, revocationOf(second, { issuedIndex: 2 }))).not.toThrow();
  });

  const key = newKey();
  it.each<[string, () => Leaf[], string]>([
    ['a time that goes back', () => [first, { ...second, loggedAt: first.loggedAt - 1 }], 'time_decreases'],
    ['a certificate twice', () => [first, second, first], 'duplicate'],
    ['a certificate twice, of two issuers', () => [first, { ...first, issuer: hashOf(9) }], 'duplicate'],
    ['a serial number twice', () => [first, sameSerial], 'duplicate'],
    ['a revocation of what was never issued', () => [first, revocationOf(second)], 'revocation_without_issue'],
    ['a revocation before the issuing', () => [revocationOf(first), first], 'revocation_without_issue'],
    [
      'a revocation that names another entry',
      () => [first, second, revocationOf(second)],
      'revocation_names_other_entry',
    ],
    [
      'a revocation that names an entry to come',
      () => [first, revocationOf(first, { issuedIndex: 2 })],
      'revocation_names_other_entry',
    ],
    [
      'a revocation that names another issuer',
      () => [first, revocationOf(first, { issuer: hashOf(9) })],
      'revocation_names_other_issuer',
    ],
    ['a revocation twice', () => [first, revocationOf(first), revocationOf(first, { reason: 4 })], 'duplicate'],
    ['a CRL twice', () => [crl(1, 1), crl(2, 1)], 'duplicate'],
    ['a CRL number twice', () => [crl(1, 1), crl(1, 2)], 'duplicate'],
    ['a key twice', () => [rotation(key), rotation(key)], 'duplicate'],
    ['a key of another name', () => [rotation(newKey('log.example/other'))], 'other_log'],
    ['a key that is none', () => [rotation('key')], 'malformed_key'],
    ['another name than the certificate has', () => [{ ...first, commonName: 'Eve' }], 'fields_differ'],
    ['another fingerprint than the certificate has', () => [{ ...first, fingerprint: hashOf(1) }], 'fields_differ'],
    [
      'another issuer than the certificate has',
      () => [first, { ...byAnother, issuer: first.issuer }],
      'issuer_differs',
    ],
    ['what is no certificate', () => [{ ...first, der: Buffer.of(1) }], 'malformed_certificate'],
  ])('refuse %s', (_, leaves, code) => {
    expect(() => check(leaves())).toThrow(expect.objectContaining({ code }) as Error);
  });
});
