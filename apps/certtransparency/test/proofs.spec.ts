import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Frontier,
  leafHash,
  openCheckpoint,
  parseReceipt,
  printVerifierKey,
  rebuildLeaf,
  verifyConsistency,
  verifyInclusion,
  verifyReceipt,
} from '@libs/tlog';
import request from 'supertest';
import { buildGoVerifier } from '../../../test/golden/tlog/go-verifier';
import { issuedEntry } from './certificate-fixture';
import { query } from './log-fixture';
import { LogService } from './service-fixture';

let service: LogService;

beforeAll(async () => {
  service = await LogService.start();
});

afterAll(() => service.stop());

describe('proofs', () => {
  it('of inclusion hold under the latest checkpoint and under an older one', async () => {
    const { certificate, index, receipt } = await service.issue('Proven');
    const older = openCheckpoint(parseReceipt(receipt).checkpoint, [service.log.signer.verifier]);
    await service.issue('Later');
    const rebuild = (extra: Buffer | undefined) => rebuildLeaf(extra ?? Buffer.of(), certificate.der);
    for (const path of [
      `?fingerprint=${certificate.fingerprint}`,
      `?fingerprint=${certificate.fingerprint}&size=${older.size}`,
    ]) {
      const response = await service
        .get(`/api/v1/proofs/inclusion${path}`)
        .expect(200)
        .expect('Content-Type', /text\/plain/);
      expect(verifyReceipt(parseReceipt(response.text), rebuild, [service.log.signer.verifier]).index).toBe(index);
    }
    await service.get(`/api/v1/proofs/inclusion?fingerprint=${certificate.fingerprint}&size=1000000`).expect(404);
    await service.get(`/api/v1/proofs/inclusion?fingerprint=${'0'.repeat(64)}`).expect(404);
  });

  it('of consistency hold between any two checkpoints', async () => {
    const before = openCheckpoint((await request(service.log.url).get('/checkpoint').expect(200)).text, [
      service.log.signer.verifier,
    ]);
    for (let i = 0; i < 5; i += 1) await service.issue();
    const after = openCheckpoint((await request(service.log.url).get('/checkpoint').expect(200)).text, [
      service.log.signer.verifier,
    ]);
    const { body } = await service.get(`/api/v1/proofs/consistency?from=${before.size}`).expect(200);
    expect(body).toMatchObject({ from: before.size, to: after.size });
    verifyConsistency({
      from: before.size,
      to: after.size,
      fromRoot: before.root,
      toRoot: after.root,
      proof: (body.hashes as string[]).map((hash) => Buffer.from(hash, 'base64')),
    });
    await service.get(`/api/v1/proofs/consistency?from=${after.size + 1}`).expect(404);
  });

  it('of inclusion and consistency are made for any sizes, checkpoints or not', async () => {
    await Promise.all(Array.from({ length: 40 }, () => service.issue('Any size')));
    const rows = await query(service.database.readerUrl, 'SELECT leaf FROM ct.entry ORDER BY idx');
    const hashes = rows.map(({ leaf }) => leafHash(leaf as Buffer));
    const rootOf = (size: number) => {
      const tree = Frontier.empty();
      for (const hash of hashes.slice(0, size)) tree.append(hash);
      return tree.root();
    };
    const proofOf = (body: { hashes: string[] }) => body.hashes.map((hash) => Buffer.from(hash, 'base64'));
    const { certificate, index } = await service.issue('In the middle');
    await service.issue();
    hashes.push(
      ...(await query(service.database.readerUrl, `SELECT leaf FROM ct.entry WHERE idx >= ${index} ORDER BY idx`)).map(
        ({ leaf }) => leafHash(leaf as Buffer),
      ),
    );
    for (const size of [index + 1, index + 2]) {
      const path = `/api/v1/proofs/inclusion?fingerprint=${certificate.fingerprint}&size=${size}`;
      const { body } = await service.get(path).set('Accept', 'application/json').expect(200);
      expect(body).toMatchObject({ index, size });
      const leaf = hashes[index] ?? Buffer.of();
      verifyInclusion({ index, size, leafHash: leaf, proof: proofOf(body), root: rootOf(size) });
    }
    for (const [from, to] of [
      [1, 2],
      [3, index],
      [7, 8],
      [index, index + 2],
    ] as const) {
      const { body } = await service.get(`/api/v1/proofs/consistency?from=${from}&to=${to}`).expect(200);
      verifyConsistency({ from, to, fromRoot: rootOf(from), toRoot: rootOf(to), proof: proofOf(body) });
    }
    const beyond = `/api/v1/proofs/inclusion?fingerprint=${certificate.fingerprint}&size=`;
    await service.get(`${beyond}${index}`).set('Accept', 'application/json').expect(404);
    await service
      .get(`${beyond}${index + 3}`)
      .set('Accept', 'application/json')
      .expect(404);
  });

  it('hold across full tiles, one entry at a time and in a crowd', async () => {
    const certificates = await Promise.all(Array.from({ length: 600 }, () => service.issuer.certificate('Crowd')));
    const answers = await Promise.all(
      certificates.map((certificate) => service.append(issuedEntry(certificate)).expect(201)),
    );
    const first = answers[0]?.body as { index: number; receipt: string };
    const certificate = certificates[0];
    const response = await service
      .get(`/api/v1/proofs/inclusion?fingerprint=${certificate?.fingerprint ?? ''}`)
      .expect(200);
    const receipt = parseReceipt(response.text);
    const { size, root } = openCheckpoint(receipt.checkpoint, [service.log.signer.verifier]);
    const leaf = rebuildLeaf(receipt.extra ?? Buffer.of(), certificate?.der ?? Buffer.of());
    expect(receipt.index).toBe(first.index);
    verifyInclusion({ index: receipt.index, size, leafHash: leafHash(leaf), proof: receipt.proof, root });
    const { body } = await service.get(`/api/v1/proofs/consistency?from=3&to=${size}`).expect(200);
    expect(body.hashes.length).toBeGreaterThan(5);
  });
});

const goVerifier = buildGoVerifier();

if (goVerifier !== undefined) {
  describe("Go's transparency log packages", () => {
    it('verify the receipts of the service', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'log-go-'));
      try {
        const { certificate, receipt } = await service.issue('Verified in Go');
        const leaf = rebuildLeaf(parseReceipt(receipt).extra ?? Buffer.of(), certificate.der);
        writeFileSync(join(folder, 'leaf'), leaf);
        writeFileSync(join(folder, 'receipt'), receipt);
        const arguments_ = [
          '-key',
          printVerifierKey(service.log.signer.verifier),
          '-receipt',
          'receipt',
          '-leaf',
          'leaf',
        ];
        expect(spawnSync(goVerifier, arguments_, { cwd: folder, encoding: 'utf8' })).toMatchObject({
          status: 0,
          stderr: '',
        });
        writeFileSync(join(folder, 'leaf'), Buffer.concat([leaf, Buffer.of(0)]));
        expect(spawnSync(goVerifier, arguments_, { cwd: folder }).status).toBe(1);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  });
}
