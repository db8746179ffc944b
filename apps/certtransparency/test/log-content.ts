import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { PrivateContext } from '@libs/contracts';
import {
  actorCommitment,
  commitmentToJson,
  type Ed25519Signer,
  generateNoteKey,
  type Leaf,
  NO_COMMITMENT,
  printVerifierKey,
} from '@libs/tlog';
import { draftOf } from '../src/audit/drafting';
import { issuedEntry, type TestIssuer } from './certificate-fixture';
import { type LogDatabaseUrls } from '../src/database/provision';
import { query } from './log-fixture';
import { LogWriter, type WrittenEntry } from './log-writer';

const zeros = Buffer.from(NO_COMMITMENT);

/** What went into a log: enough to write it again, whole or changed. */
export interface LogContent {
  /** In the batches in which they were written. */
  readonly batches: readonly (readonly WrittenEntry[])[];
  /** The checkpoint of each batch. */
  readonly notes: readonly string[];
}

/** Certificates enough for a full tile, and one of each other kind of entry. */
export async function logContent(issuer: TestIssuer, origin: string): Promise<WrittenEntry[][]> {
  const batches: WrittenEntry[][] = [];
  for (let batch = 0; batch < 33; batch += 1) {
    batches.push(await Promise.all(Array.from({ length: 8 }, (_, i) => issuedWith(issuer, batch * 10 + i))));
  }
  const [first, second] = batches.flat();
  if (first?.leaf.type !== 'issued' || second?.leaf.type !== 'issued') throw new Error('there are no certificates');
  const revocation = (index: number, { issuer: of, fingerprint }: { issuer: Buffer; fingerprint: Buffer }) =>
    revoked(index, of, fingerprint, 1_000);
  batches.push([revocation(0, first.leaf), revocation(1, second.leaf)]);
  batches.push([crl(issuer, 1, 1_010), crl(issuer, 2, 1_010)]);
  batches.push([rotation(origin, 1_020)]);
  return batches;
}

/** Writes the entries as the runtime role, allocates the CRL numbers they mention, and erases the context of entry 2. */
export async function writeContent(
  urls: LogDatabaseUrls,
  signer: Ed25519Signer,
  batches: readonly (readonly WrittenEntry[])[],
): Promise<LogContent> {
  const notes = await writeBatches(urls.writerUrl, signer, batches);
  for (const { leaf } of batches.flat()) {
    if (leaf.type !== 'crl') continue;
    await query(urls.writerUrl, `SELECT ct_crl.allocate('\\x${leaf.issuer.toString('hex')}')`);
  }
  const zero = `'\\x${zeros.toString('hex')}'`;
  await query(urls.writerUrl, `SELECT ct.erase_contexts('${randomUUID()}', '{2}', NULL, 'asked for', ${zero})`);
  return { batches, notes };
}

export async function writeBatches(
  url: string,
  signer: Ed25519Signer,
  batches: readonly (readonly WrittenEntry[])[],
): Promise<string[]> {
  const writer = await LogWriter.open(url, signer);
  const notes: string[] = [];
  try {
    for (const batch of batches) notes.push(await writer.append(batch));
  } finally {
    await writer.close();
  }
  return notes;
}

const START = Date.UTC(2026, 0, 5);

async function issuedWith(issuer: TestIssuer, step: number): Promise<WrittenEntry> {
  const context: PrivateContext = { issuance_id: randomUUID(), user_id: randomUUID(), psk_id: `psk-${step}` };
  const draft = draftOf(issuedEntry(await issuer.certificate(`user-${step}@example.org`), context));
  if (draft.type !== 'issued' || draft.context === null) throw new Error('not the draft of a certificate');
  const salt = randomBytes(32);
  const { kind, serial, notBefore, notAfter, commonName, der, identity: fingerprint } = draft;
  const header = { loggedAt: START + step, commitment: commitmentToJson(salt, draft.context), issuer: draft.issuer };
  const leaf: Leaf = { type: 'issued', ...header, fingerprint, kind, serial, notBefore, notAfter, commonName, der };
  return { leaf, salt, context: draft.context };
}

function revoked(issuedIndex: number, issuer: Buffer, fingerprint: Buffer, step: number): WrittenEntry {
  const salt = randomBytes(32);
  const context = '{"actor":"user:1"}';
  const leaf: Leaf = {
    type: 'revoked',
    loggedAt: START + step,
    commitment: commitmentToJson(salt, context),
    issuer,
    fingerprint,
    reason: 4,
    revokedAt: START,
    issuedIndex,
    actorCommitment: actorCommitment(salt, 'user:1'),
  };
  return { leaf, salt, context };
}

function crl(issuer: TestIssuer, crlNumber: number, step: number): WrittenEntry {
  const crlSha256 = createHash('sha256').update(randomBytes(8)).digest();
  const header = { loggedAt: START + step, commitment: zeros, issuer: Buffer.from(issuer.id, 'hex') };
  return { leaf: { type: 'crl', ...header, crlNumber, crlSha256 } };
}

function rotation(origin: string, step: number): WrittenEntry {
  const verifierKey = printVerifierKey(generateNoteKey(origin).verifier);
  return { leaf: { type: 'key_rotation', loggedAt: START + step, commitment: zeros, verifierKey } };
}
