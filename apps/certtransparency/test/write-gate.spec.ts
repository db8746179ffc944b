import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import {
  commitmentToJson,
  decodeLeaf,
  encodeLeaf,
  Frontier,
  generateNoteKey,
  type IssuedLeaf,
  type Leaf,
  leafHash,
  NO_COMMITMENT,
  signCheckpoint,
} from '@libs/tlog';
import { Client } from 'pg';
import { AuditLog } from '../src/audit/audit-log';
import { issuedEntry, TestIssuer } from './certificate-fixture';
import { type LogDatabaseFixture, migratedLogDatabase, query, type RunningLog, startLog } from './log-fixture';

interface Batch {
  leaves: Buffer[];
  salts: (Buffer | null)[];
  contexts: (string | null)[];
  size: number;
  root: Buffer;
  note: string;
}

const signer = generateNoteKey('log.test/gate');
let database: LogDatabaseFixture;
let log: RunningLog;
let issuer: TestIssuer;
let client: Client;

beforeAll(async () => {
  database = await migratedLogDatabase();
  log = await startLog(database, { signer });
  issuer = await TestIssuer.create();
  client = new Client({ connectionString: database.writerUrl });
  await client.connect();
  for (let i = 0; i < 3; i += 1) await appendThroughService();
});

afterAll(async () => {
  await client.end();
  await log.close();
  await database.drop();
});

async function appendThroughService(context?: Parameters<typeof issuedEntry>[1]) {
  const certificate = await issuer.certificate();
  const entry = issuedEntry(certificate, context);
  return { certificate, ...(await log.app.get(AuditLog, { strict: false }).append(entry)) };
}

async function issuedLeaf(changes: Partial<IssuedLeaf> = {}): Promise<IssuedLeaf> {
  const { der, fingerprint, serialNumber } = await issuer.certificate();
  return {
    type: 'issued',
    loggedAt: Date.now() + 1000,
    commitment: Buffer.from(NO_COMMITMENT),
    issuer: Buffer.from(issuer.id, 'hex'),
    fingerprint: Buffer.from(fingerprint, 'hex'),
    kind: 'user',
    serial: Buffer.from(serialNumber, 'hex'),
    notBefore: 1,
    notAfter: 2,
    commonName: 'Zoë',
    der,
    ...changes,
  };
}

/** A batch that the gate must accept as far as the tree is concerned. */
async function batchOf(
  leaves: readonly (Leaf | Buffer)[],
  opening?: { salt: Buffer; context: string },
): Promise<Batch> {
  const [head] = await query(database.writerUrl, 'SELECT size, frontier FROM ct.checkpoint ORDER BY size DESC LIMIT 1');
  const frontier = Frontier.deserialize(Number(head?.['size']), head?.['frontier'] as Buffer);
  const encoded = leaves.map((leaf) => (Buffer.isBuffer(leaf) ? leaf : encodeLeaf(leaf)));
  for (const leaf of encoded) frontier.append(leafHash(leaf));
  const checkpoint = { origin: signer.name, size: frontier.size, root: frontier.root() };
  return {
    leaves: encoded,
    salts: encoded.map(() => opening?.salt ?? null),
    contexts: encoded.map(() => opening?.context ?? null),
    size: frontier.size,
    root: frontier.root(),
    note: signCheckpoint(checkpoint, [signer]),
  };
}

/** The gate's answer: `accepted`, or the SQLSTATE of its refusal. Nothing is kept. */
async function submit(batch: Batch, before = 'BEGIN'): Promise<string> {
  await client.query(before);
  try {
    await client.query('SELECT ct.append_entries($1::bytea[], $2::bytea[], $3::text[], $4, $5, $6)', [
      batch.leaves,
      batch.salts,
      batch.contexts,
      batch.size,
      batch.root,
      batch.note,
    ]);
    return 'accepted';
  } catch (error) {
    return (error as { code: string }).code;
  } finally {
    await client.query('ROLLBACK');
  }
}

function otherSignature({ note }: Batch): string {
  return (note.split('\n\n')[1] ?? '').replace(signer.name, 'log.test/gaze');
}

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

describe('the write gate', () => {
  it('accepts a batch that is right', async () => {
    expect(await submit(await batchOf([await issuedLeaf(), await issuedLeaf()]))).toBe('accepted');
  });

  it.each<[string, string, (batch: Batch) => void]>([
    ['a flipped bit in the root', 'CT004', (batch) => (batch.root = flipped(batch.root, 7))],
    [
      'a flipped bit in the certificate',
      'CT006',
      (batch) => (batch.leaves[0] = flipped(batch.leaves[0] ?? Buffer.of(), 300)),
    ],
    [
      'a flipped bit in the serial number',
      'CT004',
      (batch) => (batch.leaves[0] = flipped(batch.leaves[0] ?? Buffer.of(), 120)),
    ],
    [
      'a flipped bit in the commitment',
      'CT007',
      (batch) => (batch.leaves[0] = flipped(batch.leaves[0] ?? Buffer.of(), 90)),
    ],
    ['leaves in another order', 'CT004', (batch) => batch.leaves.reverse()],
    ['a size that is too large', 'CT003', (batch) => (batch.size += 1)],
    ['a size that is too small', 'CT003', (batch) => (batch.size -= 1)],
    ['no size', 'CT003', (batch) => (batch.size = null as unknown as number)],
    ['a checkpoint of another size', 'CT005', (batch) => (batch.note = batch.note.replace(/\n\d+\n/, '\n99\n'))],
    [
      'a checkpoint of another root',
      'CT005',
      (batch) => (batch.note = batch.note.replace(/\n\d+\n./, (text) => `${text.slice(0, -1)}_`)),
    ],
    [
      'a checkpoint of another origin',
      'CT005',
      (batch) => (batch.note = batch.note.replaceAll(signer.name, 'log.test/other')),
    ],
    [
      'a checkpoint signed by another name',
      'CT005',
      (batch) => (batch.note = batch.note.replace(`\u2014 ${signer.name}`, '\u2014 other')),
    ],
    ['a checkpoint with a second signature by another name', 'CT005', (batch) => (batch.note += otherSignature(batch))],
    [
      'a checkpoint with a signature that is none',
      'CT005',
      (batch) => (batch.note = batch.note.replace(/....=\n$/, '=\n')),
    ],
    [
      'a checkpoint with more signatures than keys can be',
      'CT005',
      (batch) => (batch.note += (batch.note.split('\n\n')[1] ?? '').repeat(4)),
    ],
    ['a checkpoint without signature', 'CT005', (batch) => (batch.note = batch.note.split('\u2014')[0] ?? '')],
    ['a checkpoint without end', 'CT005', (batch) => (batch.note = batch.note.trimEnd())],
    ['a checkpoint with an extension', 'CT005', (batch) => (batch.note = batch.note.replace('\n\n', '\nmore\n\n'))],
    ['a context that was not committed to', 'CT007', (batch) => (batch.contexts[0] = '{}')],
    ['a salt that was not committed to', 'CT007', (batch) => (batch.salts[0] = Buffer.alloc(32))],
    ['a salt too few', 'CT002', (batch) => batch.salts.pop()],
    ['nothing at all', 'CT002', (batch) => (batch.leaves = [])],
  ])('refuses %s', async (_, code, change) => {
    // Of the same millisecond: in another order they would otherwise be refused for their time.
    const loggedAt = Date.now() + 1000;
    const batch = await batchOf([await issuedLeaf({ loggedAt }), await issuedLeaf({ loggedAt })]);
    change(batch);
    expect(await submit(batch)).toBe(code);
    // And goes on: nothing of the refused batch is in the way.
    expect((await appendThroughService()).known).toBe(false);
  });

  it('accepts a second signature by the name of the log', async () => {
    const batch = await batchOf([await issuedLeaf()]);
    batch.note += batch.note.split('\n\n')[1] ?? '';
    expect(await submit(batch)).toBe('accepted');
  });

  it('refuses time that goes back, between batches and within one', async () => {
    expect(await submit(await batchOf([await issuedLeaf({ loggedAt: 5 })]))).toBe('CT008');
    const now = Date.now() + 5000;
    const leaves = [await issuedLeaf({ loggedAt: now }), await issuedLeaf({ loggedAt: now - 1 })];
    expect(await submit(await batchOf(leaves))).toBe('CT008');
  });

  it('refuses a second entry of the same identity', async () => {
    const { certificate } = await appendThroughService();
    const leaf = await issuedLeaf({ der: certificate.der, fingerprint: Buffer.from(certificate.fingerprint, 'hex') });
    expect(await submit(await batchOf([leaf]))).toBe('23505');
    const twice = await issuedLeaf();
    expect(await submit(await batchOf([twice, twice]))).toBe('23505');
  });

  it('refuses a second certificate for one issuance', async () => {
    const issuanceId = randomUUID();
    await appendThroughService({ issuance_id: issuanceId });
    const opening = { salt: Buffer.alloc(32, 1), context: JSON.stringify({ issuance_id: issuanceId }) };
    const leaf = await issuedLeaf({ commitment: commitmentToJson(opening.salt, opening.context) });
    expect(await submit(await batchOf([leaf], opening))).toBe('23505');
  });

  it('refuses a revocation that does not name the issued entry as it is', async () => {
    const { certificate, index } = await appendThroughService();
    const revoked = {
      type: 'revoked' as const,
      loggedAt: Date.now() + 1000,
      commitment: Buffer.from(NO_COMMITMENT),
      issuer: Buffer.from(issuer.id, 'hex'),
      fingerprint: Buffer.from(certificate.fingerprint, 'hex'),
      reason: 4,
      revokedAt: 1,
      issuedIndex: index,
      actorCommitment: Buffer.from(NO_COMMITMENT),
    };
    expect(await submit(await batchOf([revoked]))).toBe('accepted');
    expect(await submit(await batchOf([{ ...revoked, issuedIndex: index - 1 }]))).toBe('CT009');
    expect(await submit(await batchOf([{ ...revoked, issuer: Buffer.alloc(32) }]))).toBe('CT009');
    expect(await submit(await batchOf([{ ...revoked, fingerprint: Buffer.alloc(32) }]))).toBe('CT009');
    expect(await submit(await batchOf([revoked, { ...revoked, reason: 1 }]))).toBe('23505');
    const unRevoking = encodeLeaf(revoked);
    unRevoking[113] = 8;
    expect(await submit(await batchOf([unRevoking]))).toBe('23514');
  });

  it('refuses a session that could lose the commit or sees an old head', async () => {
    const batch = await batchOf([await issuedLeaf()]);
    expect(await submit(batch, 'BEGIN; SET LOCAL synchronous_commit = off')).toBe('CT001');
    expect(await submit(batch, 'BEGIN ISOLATION LEVEL REPEATABLE READ')).toBe('CT001');
    expect(await submit(batch, 'BEGIN ISOLATION LEVEL SERIALIZABLE')).toBe('CT001');
    expect(await submit(batch, 'BEGIN; SET LOCAL search_path = pg_temp, public')).toBe('accepted');
  });

  it('accepts no leaf that we would not', async () => {
    const sound = encodeLeaf(await issuedLeaf());
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.record({ at: fc.nat(sound.length - 1), byte: fc.nat(255) }),
          fc.record({ cut: fc.nat(sound.length - 1) }),
          fc.record({ more: fc.uint8Array({ minLength: 1, maxLength: 40 }) }),
        ),
        async (change) => {
          let leaf: Buffer = Buffer.from(sound);
          if ('at' in change) leaf[change.at] = change.byte;
          else if ('cut' in change) leaf = leaf.subarray(0, change.cut);
          else leaf = Buffer.concat([leaf, change.more]);
          if ((await submit(await batchOf([leaf]))) === 'accepted') expect(() => decodeLeaf(leaf)).not.toThrow();
        },
      ),
      { numRuns: 150 },
    );
  });

  it('takes every searched value from the leaf', async () => {
    const context = { issuance_id: randomUUID(), user_id: randomUUID(), psk_id: 'psk-1', comment: '”;--' };
    const { certificate, index } = await appendThroughService(context);
    const [row] = await query(
      database.superuserUrl,
      `SELECT e.leaf, c.*, p.issuance_id, p.user_id, p.psk_id FROM ct.entry e
       JOIN ct.certificate c USING (idx) JOIN ct.private_context p USING (idx) WHERE idx = ${index}`,
    );
    const leaf = decodeLeaf(row?.['leaf'] as Buffer);
    if (leaf.type !== 'issued') throw new Error('not the entry that was appended');
    expect(row).toMatchObject({
      fingerprint: leaf.fingerprint,
      issuer: leaf.issuer,
      serial: leaf.serial,
      common_name: leaf.commonName,
      not_before: new Date(leaf.notBefore),
      not_after: new Date(leaf.notAfter),
      logged_at: new Date(leaf.loggedAt),
      kind: 1,
      issuance_id: context.issuance_id,
      user_id: context.user_id,
      psk_id: 'psk-1',
    });
    expect(leaf.der).toEqual(certificate.der);
  });
});
