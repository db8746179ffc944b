import { decodeEntryBundle, encodeEntryBundle, leafHash, openCheckpoint, printTilePath, TileBuilder } from '@libs/tlog';
import request from 'supertest';
import { issuedEntry } from './certificate-fixture';
import { query, READER_KEY } from './log-fixture';
import { LogService } from './service-fixture';

const SIZE = 600;

let service: LogService;
/** By path: what the tiles ought to hold, made from the leaves alone. */
const expected = new Map<string, Buffer>();
let leaves: readonly Buffer[];

const bytes = (path: string) =>
  service
    .get(`/${path}`)
    .buffer(true)
    .parse((response, done) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => done(null, Buffer.concat(chunks)));
    });

beforeAll(async () => {
  service = await LogService.start();
  const certificates = await Promise.all(Array.from({ length: SIZE }, () => service.issuer.certificate()));
  await Promise.all(certificates.map((certificate) => service.append(issuedEntry(certificate)).expect(201)));
  const rows = await query(service.database.readerUrl, 'SELECT leaf FROM ct.entry ORDER BY idx');
  leaves = rows.map(({ leaf }) => leaf as Buffer);
  const tree = new TileBuilder();
  for (const leaf of leaves) {
    for (const { tile, hashes } of tree.append(leafHash(leaf))) expected.set(printTilePath(tile), hashes);
  }
  for (const { tile, hashes } of tree.partialTiles()) expected.set(printTilePath(tile), hashes);
});

afterAll(() => service.stop());

describe('tiles', () => {
  it('are served full and partial, as they follow from the entries', async () => {
    expect([...expected.keys()].sort()).toEqual(['tile/0/000', 'tile/0/001', 'tile/0/002.p/88', 'tile/1/000.p/2']);
    for (const [path, hashes] of expected) {
      const response = await bytes(path).expect(200).expect('Content-Type', 'application/octet-stream');
      expect(hashes.equals(response.body as Buffer)).toBe(true);
    }
  });

  it('are served to whoever holds an older checkpoint, too', async () => {
    for (const [path, full, width] of [
      ['tile/0/000.p/7', 'tile/0/000', 7],
      ['tile/0/002.p/87', 'tile/0/002.p/88', 87],
      ['tile/1/000.p/1', 'tile/1/000.p/2', 1],
    ] as const) {
      const { body } = await bytes(path).expect(200);
      expect(
        expected
          .get(full)
          ?.subarray(0, width * 32)
          .equals(body as Buffer),
      ).toBe(true);
    }
  });

  it('of entries are the leaves, each behind its length', async () => {
    const full = await bytes('tile/entries/001').expect(200);
    expect(encodeEntryBundle(leaves.slice(256, 512)).equals(full.body as Buffer)).toBe(true);
    const partial = await bytes('tile/entries/002.p/88').expect(200);
    expect(decodeEntryBundle(partial.body as Buffer)).toEqual(leaves.slice(512));
  });

  it.each([
    ['beyond the tree', 'tile/0/003', 'tile/0/x001/000', 'tile/entries/003.p/1', 'tile/1/001', 'tile/2/000.p/1'],
    ['not full yet', 'tile/0/002', 'tile/1/000', 'tile/entries/002'],
    ['wider than it is', 'tile/0/002.p/89', 'tile/1/000.p/3', 'tile/entries/002.p/89', 'tile/0/002.p/255'],
    ['empty', 'tile/0/000.p/0', 'tile/2/000', 'tile/63/000.p/1', 'tile/0/003.p/0'],
    ['misspelt', 'tile/0/0', 'tile/00/000', 'tile/0/000.p/256', 'tile/0/000/', 'tile/0/x000/000', 'tile/0/%30%30%30'],
    ['misspelt', 'tile/64/000', 'tile/-1/000', 'tile/0/000.p/07', 'Tile/0/000', 'tile/data/000', 'tile/0', 'tile'],
  ])('that are %s are not there', async (_, ...paths) => {
    for (const path of paths) {
      const response = await service.get(`/${path}`).expect(404);
      expect(response.headers['content-type']).toMatch(/application\/problem\+json/);
      expect(response.headers['cache-control'] ?? '').not.toContain('immutable');
    }
  });

  it('may be kept for ever when they are full, and shortly when they are not', async () => {
    for (const [path, cached] of [
      ['tile/0/000', 'private, max-age=31536000, immutable'],
      ['tile/entries/000', 'private, max-age=31536000, immutable'],
      ['tile/0/002.p/88', 'private, max-age=60'],
      ['tile/entries/002.p/88', 'private, max-age=60'],
    ] as const) {
      const { headers } = await service.get(`/${path}`).expect(200).expect('Cache-Control', cached);
      const etag = headers['etag'] ?? '';
      expect(etag).toMatch(/^"[\w-]{22}"$/);
      const again = await service
        .get(`/${path}`)
        .set('If-None-Match', etag)
        .expect(304)
        .expect('Cache-Control', cached);
      expect(again.headers['etag']).toBe(etag);
      await service.get(`/${path}`).set('If-None-Match', '"other"').expect(200);
    }
  });

  it('answer HEAD with the same fields and no body', async () => {
    const head = await request(service.log.url)
      .head('/tile/entries/000')
      .set('Authorization', `Bearer ${READER_KEY}`)
      .expect(200);
    const { headers } = await service.get('/tile/entries/000').expect(200);
    for (const name of ['etag', 'content-length', 'cache-control', 'content-type']) {
      expect(head.headers[name]).toBe(headers[name]);
    }
  });

  it.each(['tile/0/000', 'tile/entries/000', 'tile/9/999'])('need a key: %s', async (path) => {
    await request(service.log.url).get(`/${path}`).expect(401);
  });
});

describe('GET /checkpoint', () => {
  it('is open to everybody, for a few seconds, and tells when nothing has changed', async () => {
    const checkpoint = () => request(service.log.url).get('/checkpoint');
    const { headers, text } = await checkpoint()
      .expect(200)
      .expect('Cache-Control', 'public, max-age=5, must-revalidate');
    expect(openCheckpoint(text, [service.log.signer.verifier]).size).toBe(SIZE);
    const etag = headers['etag'] ?? '';
    await checkpoint().set('If-None-Match', etag).expect(304);
    await service.issue();
    const newer = await checkpoint().set('If-None-Match', etag).expect(200);
    expect(newer.headers['etag']).not.toBe(etag);
  });
});
