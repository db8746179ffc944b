import { type Ed25519Signer, Frontier, openCheckpoint, parseReceipt } from '@libs/tlog';
import type request from 'supertest';
import { AuditLog } from '../src/audit/audit-log';
import type { Findings } from '../src/audit/findings';
import { type Batch, WriteGate } from '../src/audit/write-gate';
import { CheckpointSigner } from '../src/log-key';
import { issuedEntry } from './certificate-fixture';
import { query } from './log-fixture';
import { LogService } from './service-fixture';

let service: LogService;
let gate: WriteGate;

beforeAll(async () => {
  service = await LogService.start();
  gate = service.log.app.get(WriteGate, { strict: false });
  for (let i = 0; i < 5; i += 1) expect((await append()).status).toBe(201);
});

afterAll(() => service.stop());

async function append(): Promise<request.Response> {
  return service.append(issuedEntry(await service.issuer.certificate(), { comment: 'flip me' }));
}

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

/** The memory of the service goes bad for one batch: before it is composed, or on its way to the database. */
function corruptOnce(change: { findings?: (was: Findings) => Findings; batch?: (was: Batch) => Batch }): void {
  const sound = gate.write.bind(gate);
  gate.write = async (drafts, anchorSize, compose) => {
    gate.write = sound;
    let composed: ReturnType<typeof compose> | undefined;
    await sound(drafts, anchorSize, (findings) => {
      composed = compose(change.findings?.(findings) ?? findings);
      return change.batch?.(composed) ?? composed;
    });
    if (composed === undefined) throw new Error('nothing was composed');
    return composed;
  };
}

const inLeaf = (at: number) => (was: Batch) => ({
  ...plain(was),
  entries: was.entries.map((entry) => ({ ...entry, bytes: flipped(entry.bytes, at) })),
});
const plain = ({ entries, size: of, root, checkpoint }: Batch): Batch => ({ entries, size: of, root, checkpoint });

describe('a bit that flips in the service', () => {
  it.each<[string, (was: Batch) => Batch]>([
    ['the magic of the leaf', inLeaf(3)],
    ['the type of the leaf', inLeaf(8)],
    ['the time in the leaf', inLeaf(16)],
    ['the issuer in the leaf', inLeaf(20)],
    ['the fingerprint in the leaf', inLeaf(60)],
    ['the commitment in the leaf', inLeaf(90)],
    ['the serial number in the leaf', inLeaf(120)],
    ['the certificate in the leaf', inLeaf(300)],
    ['the root', (was) => ({ ...plain(was), root: flipped(was.root, 31) })],
    ['the size', (was) => ({ ...plain(was), size: was.size ^ 1 })],
    [
      'the origin of the note',
      (was) => ({ ...plain(was), checkpoint: was.checkpoint.replace('log.example', 'mog.example') }),
    ],
    ['the size in the note', (was) => ({ ...plain(was), checkpoint: was.checkpoint.replace(/\n\d/, '\n9') })],
    [
      'the root in the note',
      (was) => ({ ...plain(was), checkpoint: was.checkpoint.replace(/(\n\d+\n)./, (_, head: string) => `${head}_`) }),
    ],
    ['the key name in the note', (was) => ({ ...plain(was), checkpoint: was.checkpoint.replace('— log', '— mog') })],
    [
      'the salt',
      (was) => ({
        ...plain(was),
        entries: was.entries.map((entry) => ({ ...entry, salt: entry.salt && flipped(entry.salt, 0) })),
      }),
    ],
    [
      'the context',
      (was) => ({
        ...plain(was),
        entries: was.entries.map((entry) => ({ ...entry, context: entry.context?.replace('me', 'mf') ?? null })),
      }),
    ],
  ])('in %s is refused, and the next append works', async (_, batch) => {
    const before = await service.size();
    corruptOnce({ batch });
    expect(await append()).toMatchObject({ status: 500, body: { code: 'log_disagreement' } });
    expect(await service.size()).toBe(before);
    expect(await append()).toMatchObject({ status: 201, body: { index: before } });
  });

  it('in the frontier is refused, and the next append works', async () => {
    const before = await service.size();
    const frontier = (was: Frontier) => Frontier.deserialize(was.size, flipped(was.serialize(), 5));
    corruptOnce({ findings: (was) => ({ ...was, head: { ...was.head, frontier: frontier(was.head.frontier) } }) });
    expect(await append()).toMatchObject({ status: 500, body: { code: 'log_disagreement' } });
    expect(await append()).toMatchObject({ status: 201, body: { index: before } });
  });

  it('in a signature is noticed before anything is written', async () => {
    const before = await service.size();
    const key: Ed25519Signer = Reflect.get(service.log.app.get(CheckpointSigner, { strict: false }), 'current');
    const sound = key.sign.bind(key);
    key.sign = (text) => flipped(sound(text), 7);
    expect((await append()).status).toBe(503);
    key.sign = sound;
    expect(await service.size()).toBe(before);
    const { body } = await append();
    expect(openCheckpoint(parseReceipt(String(body.receipt)).checkpoint, [service.log.signer.verifier]).size).toBe(
      before + 1,
    );
  });
});

describe('a bit that flips in the database', () => {
  const tamper = (sql: string) => query(service.database.superuserUrl, sql);
  const last = '(SELECT max(size) FROM ct.checkpoint)';
  const flip = (column: string, at: number) =>
    `UPDATE ct.checkpoint SET ${column} = set_byte(${column}, ${at}, 1 # get_byte(${column}, ${at})) WHERE size = ${last}`;

  beforeAll(async () => {
    const names = ['before_ddl', 'on_drop', 'on_ddl'].map((name) => `DROP EVENT TRIGGER ct_guard_${name}`);
    await tamper(names.join('; '));
    // A bit that flips on its way asks no trigger and no constraint.
    await tamper('ALTER TABLE ct.checkpoint DISABLE TRIGGER USER; ALTER TABLE ct.entry DISABLE TRIGGER USER');
    await tamper('ALTER TABLE ct.entry DROP CONSTRAINT entry_leaf_hash_check');
  });

  it.each([
    ['the frontier of the head', flip('frontier', 4), flip('frontier', 4)],
    ['the root of the head', flip('root', 4), flip('root', 4)],
    [
      'the note of the head',
      `UPDATE ct.checkpoint SET note = 'm' || substr(note, 2) WHERE size = ${last}`,
      `UPDATE ct.checkpoint SET note = 'l' || substr(note, 2) WHERE size = ${last}`,
    ],
    [
      'the last leaf: gone',
      `UPDATE ct.entry SET idx = 1000000 WHERE idx = ${last} - 1`,
      `UPDATE ct.entry SET idx = ${last} - 1 WHERE idx = 1000000`,
    ],
  ])('in %s is refused, and the next append works once it is right again', async (_, corrupt, mend) => {
    const before = await service.size();
    await tamper(corrupt);
    expect((await append()).status).toBeGreaterThanOrEqual(500);
    expect(await service.size()).toBe(before);
    await tamper(mend);
    expect(await append()).toMatchObject({ status: 201, body: { index: before } });
  });

  it('in a stored leaf hash is refused by the time its tile is full', async () => {
    const missing = 255 - (await service.size());
    const certificates = await Promise.all(Array.from({ length: missing }, () => service.issuer.certificate()));
    const audit = service.log.app.get(AuditLog, { strict: false });
    await Promise.all(certificates.map((certificate) => audit.append(issuedEntry(certificate))));
    const change = 'UPDATE ct.entry SET leaf_hash = set_byte(leaf_hash, 9, 1 # get_byte(leaf_hash, 9)) WHERE idx = 77';
    await tamper(change);
    expect(await append()).toMatchObject({ status: 500, body: { code: 'log_disagreement' } });
    await tamper(change);
    expect(await append()).toMatchObject({ status: 201, body: { index: 255 } });
  });
});
