import { randomUUID } from 'node:crypto';
import {
  generateNoteKey,
  openCheckpoint,
  parseReceipt,
  rebuildLeaf,
  verifyConsistency,
  verifyReceipt,
} from '@libs/tlog';
import { AuditLog } from '../src/audit/audit-log';
import { draftOf } from '../src/audit/drafting';
import { Sequencer } from '../src/audit/sequencer';
import { Proofs } from '../src/proofs/proofs.service';
import { issuedEntry, TestIssuer } from './certificate-fixture';
import { type LogDatabaseFixture, migratedLogDatabase, query, type RunningLog, startLog } from './log-fixture';

const WRITERS = 64;
const IDENTITIES = 200;

describe('two replicas', () => {
  let database: LogDatabaseFixture;
  let replicas: RunningLog[];
  const signer = generateNoteKey('log.test/replicas');

  beforeAll(async () => {
    database = await migratedLogDatabase();
    replicas = await Promise.all([startLog(database, { signer }), startLog(database, { signer })]);
  });

  afterAll(async () => {
    await Promise.all(replicas.map((replica) => replica.close()));
    await database.drop();
  });

  const replica = (i: number) => {
    const chosen = replicas[i % replicas.length];
    if (chosen === undefined) throw new Error('no replica');
    return chosen.app;
  };
  const audit = (i: number) => replica(i).get(AuditLog, { strict: false });

  it('make one entry of each identity that 64 writers submit to both', async () => {
    const issuer = await TestIssuer.create();
    const certificates = await Promise.all(Array.from({ length: IDENTITIES }, () => issuer.certificate()));
    const submit = async (writer: number) => {
      const sequencer = replica(writer).get(Sequencer, { strict: false });
      const answers = [];
      for (const i of certificates.keys()) {
        const certificate = certificates[(i + writer) % IDENTITIES];
        if (certificate === undefined) throw new Error('no certificate');
        const { index, known } = await sequencer.append(draftOf(issuedEntry(certificate)));
        answers.push({ fingerprint: certificate.fingerprint, index, known });
      }
      return answers;
    };
    const answers = (await Promise.all(Array.from({ length: WRITERS }, (_, writer) => submit(writer)))).flat();
    expect(answers).toHaveLength(WRITERS * IDENTITIES);
    expect(answers.filter(({ known }) => !known)).toHaveLength(IDENTITIES);
    expect(new Set(answers.map(({ fingerprint, index }) => `${fingerprint} ${index}`)).size).toBe(IDENTITIES);
    expect(await query(database.superuserUrl, 'SELECT count(*), max(idx) + 1 AS size FROM ct.entry')).toEqual([
      { count: String(IDENTITIES), size: String(IDENTITIES) },
    ]);
    for (const [i, certificate] of certificates.entries()) {
      const { receipt, known } = await audit(i).append(issuedEntry(certificate));
      const rebuild = (extra: Buffer | undefined) => rebuildLeaf(extra ?? Buffer.of(), certificate.der);
      verifyReceipt(parseReceipt(receipt), rebuild, [signer.verifier]);
      expect(known).toBe(true);
    }
  });

  it('give one issuance one certificate', async () => {
    const issuer = await TestIssuer.create();
    const certificates = await Promise.all(Array.from({ length: WRITERS }, () => issuer.certificate()));
    const context = { issuance_id: randomUUID() };
    const results = await Promise.allSettled(
      certificates.map((certificate, i) => audit(i).append(issuedEntry(certificate, context))),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'issuance_known' });
    }
  });

  it('revoke once, by the first reason', async () => {
    const certificate = await (await TestIssuer.create()).certificate();
    await audit(0).append(issuedEntry(certificate));
    const revoke = (i: number) =>
      audit(i).append({
        type: 'revoked',
        fingerprint: certificate.fingerprint,
        reason: i % 3 === 0 ? 'key_compromise' : 'superseded',
        revoked_at: new Date(Date.now() - i * 1000).toISOString(),
      });
    const answers = await Promise.all(Array.from({ length: WRITERS }, (_, i) => revoke(i)));
    expect(new Set(answers.map(({ index }) => index)).size).toBe(1);
    expect(answers.filter(({ known }) => !known)).toHaveLength(1);
  });

  it('sign one history: every checkpoint extends the one before', async () => {
    const rows = await query(database.superuserUrl, 'SELECT note FROM ct.checkpoint ORDER BY size');
    const checkpoints = rows.map(({ note }) => openCheckpoint(String(note), [signer.verifier]));
    expect(checkpoints.length).toBeGreaterThan(3);
    const proofs = replicas[0]?.app.get(Proofs, { strict: false });
    for (const [i, to] of checkpoints.entries()) {
      const from = checkpoints[i - 1];
      if (from === undefined || proofs === undefined) continue;
      const { hashes } = await proofs.consistency(from.size, to.size);
      verifyConsistency({ from: from.size, to: to.size, fromRoot: from.root, toRoot: to.root, proof: hashes });
    }
  });
});
