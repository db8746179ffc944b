import { randomBytes } from 'node:crypto';
import { flipped, type Harm } from './harm';

/** A value of every column, and how to change it. */
const CERTIFICATE_CHANGES: Readonly<Record<string, string>> = {
  fingerprint: flipped('fingerprint', 1),
  issuer: flipped('issuer', 1),
  serial: flipped('serial', 1),
  kind: '2',
  common_name: "'somebody.else@example.org'",
  not_before: "not_before + interval '1 millisecond'",
  not_after: "not_after + interval '1 year'",
  logged_at: "logged_at - interval '1 millisecond'",
};

const REVOCATION_CHANGES: Readonly<Record<string, string>> = {
  fingerprint: flipped('fingerprint', 1),
  issuer: flipped('issuer', 1),
  reason: '0',
  revoked_at: "revoked_at + interval '1 year'",
  logged_at: "logged_at - interval '1 millisecond'",
};

const columnChanges = (table: string, index: number, changes: Readonly<Record<string, string>>): Harm[] =>
  Object.entries(changes).map(([column, value]) => ({
    name: `change ${column} of ${table}`,
    how: `UPDATE ${table} SET ${column} = ${value} WHERE idx = ${index}`,
    finds: [`${table} row_differs`],
  }));

const forgedHash = () => `'\\x${randomBytes(32).toString('hex')}'`;

export const HARMS_TO_PROJECTIONS: readonly Harm[] = [
  ...columnChanges('ct.certificate', 30, CERTIFICATE_CHANGES),
  ...columnChanges('ct.revocation', 264, REVOCATION_CHANGES),
  ...columnChanges('ct.identity', 30, { fingerprint: flipped('fingerprint', 1), kind: '2' }),
  {
    name: 'delete a revocation',
    how: 'DELETE FROM ct.revocation WHERE idx = 264',
    finds: ['ct.revocation row_missing'],
  },
  {
    name: 'delete a certificate from the search',
    how: 'DELETE FROM ct.certificate WHERE idx = 30',
    finds: ['ct.certificate row_missing'],
  },
  { name: 'delete an identity', how: 'DELETE FROM ct.identity WHERE idx = 30', finds: ['ct.identity row_missing'] },
  {
    name: 'add a forged revocation',
    how: 'INSERT INTO ct.revocation SELECT fingerprint, idx, issuer, 4, logged_at, logged_at FROM ct.certificate WHERE idx = 30',
    finds: ['ct.revocation row_unfounded'],
  },
  {
    name: 'add a forged certificate behind the end',
    how: `INSERT INTO ct.certificate SELECT 5000, ${forgedHash()}, issuer, serial, kind, common_name, not_before, not_after, logged_at
      FROM ct.certificate WHERE idx = 30`,
    finds: ['ct.certificate row_unfounded'],
  },
  {
    name: 'add a forged identity',
    how: `INSERT INTO ct.identity VALUES (${forgedHash()}, 1, 5000)`,
    finds: ['ct.identity row_unfounded'],
  },
  {
    name: 'add an identity of an entry that has one',
    how: `ALTER TABLE ct.identity DROP CONSTRAINT identity_idx_key; INSERT INTO ct.identity VALUES (${forgedHash()}, 1, 30)`,
    undo: 'ALTER TABLE ct.identity ADD CONSTRAINT identity_idx_key UNIQUE (idx)',
    finds: ['ct.identity row_differs', 'ct.identity row_unfounded'],
  },
  {
    name: 'delete a CRL number',
    how: 'DELETE FROM ct_crl.crl_number WHERE number = 1',
    finds: ['ct_crl.crl_number row_missing'],
  },
  {
    name: 'delete the last CRL number',
    how: 'DELETE FROM ct_crl.crl_number WHERE number = 2',
    finds: ['ct_crl.crl_number row_missing'],
  },
  {
    name: 'set back the time of a CRL',
    how: "UPDATE ct_crl.crl_number SET this_update = this_update - interval '1 hour' WHERE number = 2",
    finds: ['ct_crl.crl_number row_differs'],
  },
];
