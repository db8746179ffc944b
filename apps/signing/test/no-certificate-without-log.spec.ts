import { sha256 } from '@libs/pki';
import {
  type Leaf,
  decodeLeaf,
  encodeLeaf,
  generateNoteKey,
  leafExtra,
  leafHash,
  parseReceipt,
  printReceipt,
  signCheckpoint,
} from '@libs/tlog';
import type { Ed25519Signer, IssuedLeaf } from '@libs/tlog';
import { Logger } from '@nestjs/common';
import { FakeLogServer, type Faults, problem } from './support/fake-log-server';
import type { Appended, MemoryLog } from './support/memory-log';
import { SigningService, TestPki, holdsCertificate, signingVariables, userRequest } from './support/signing-service';

const log = new FakeLogServer();
let pki: TestPki;
let service: SigningService;

beforeAll(async () => {
  pki = await TestPki.create();
  await log.start();
  service = await SigningService.start(signingVariables(await pki.directory(), log));
});

afterEach(() => {
  log.faults = {};
});

afterAll(async () => {
  await service.stop();
  await log.stop();
  await pki.remove();
});

const receiptOf = (answer: Appended, change: (receipt: ReturnType<typeof parseReceipt>) => object): Appended => {
  const receipt = parseReceipt(answer.receipt);
  return { ...answer, receipt: printReceipt({ ...receipt, ...change(receipt) }) };
};

/** A log of one entry, rightly signed, whose leaf says something else than what was submitted. */
function lie(answer: Appended, memory: MemoryLog, signer: Ed25519Signer, change: (leaf: IssuedLeaf) => Leaf): Appended {
  const { leaf } = memory.at(answer.index);
  if (leaf.type !== 'issued') throw new Error('not an issued entry');
  const changed = change(leaf);
  const root = leafHash(encodeLeaf(changed));
  const checkpoint = signCheckpoint({ origin: signer.name, size: 1, root }, [signer]);
  return { ...answer, index: 0, receipt: printReceipt({ extra: leafExtra(changed), index: 0, proof: [], checkpoint }) };
}

const lying = (change: (leaf: IssuedLeaf) => Leaf): Faults => ({
  falsify: (answer, _entry, memory) => lie(answer, memory, log.signer, change),
});

const anotherLogKey = generateNoteKey('log.test/ct');

/** Everything that a log can do wrong with an issued entry. */
const faults: readonly (readonly [string, () => Faults])[] = [
  ['answers 500', () => ({ insteadOfAppending: () => problem(500, 'internal_error') })],
  ['answers 503', () => ({ insteadOfAppending: () => problem(503, 'log_busy') })],
  ['answers 401', () => ({ insteadOfAppending: () => problem(401, 'invalid_credential') })],
  ['answers 404', () => ({ insteadOfAppending: () => problem(404, 'not_found') })],
  [
    'claims to know the issuance, under a certificate it does not have',
    () => ({
      insteadOfAppending: () => problem(409, 'issuance_known', { fingerprint: 'ab'.repeat(32) }),
    }),
  ],
  [
    'claims to know the issuance, and does not say under which certificate',
    () => ({
      insteadOfAppending: () => problem(409, 'issuance_known'),
    }),
  ],
  ['answers something else than JSON', () => ({ insteadOfAppending: () => ({ status: 200, body: 'hello' }) })],
  ['answers an empty object', () => ({ insteadOfAppending: () => ({ status: 200, body: {} }) })],
  ['hangs', () => ({ insteadOfAppending: () => 'hang' })],
  ['breaks the connection', () => ({ insteadOfAppending: () => 'drop' })],
  ['appends and hangs', () => ({ afterAppending: () => 'hang' })],
  ['appends and breaks the connection', () => ({ afterAppending: () => 'drop' })],
  ['appends and answers 500', () => ({ afterAppending: () => problem(500, 'internal_error') })],
  [
    'signs with another key under its name',
    () => ({
      falsify: (answer, _entry, memory) => lie(answer, memory, anotherLogKey, (leaf) => leaf),
    }),
  ],
  [
    'signs with a key of another name',
    () => ({
      falsify: (answer, _entry, memory) => lie(answer, memory, generateNoteKey('other.test/ct'), (leaf) => leaf),
    }),
  ],
  [
    'damages the signature',
    () => ({
      falsify: (answer) =>
        receiptOf(answer, ({ checkpoint }) => ({
          checkpoint: checkpoint.replace(/[A-Za-z0-9+/]{4}(=*\n)$/, (_match, end: string) => `AAAA${end}`),
        })),
    }),
  ],
  ['proves nothing', () => ({ falsify: (answer) => ({ ...answer, receipt: '' }) })],
  [
    'gives a proof that does not lead to the root',
    () => ({
      falsify: (answer) => receiptOf(answer, () => ({ proof: [Buffer.alloc(32, 7)] })),
    }),
  ],
  [
    'gives the receipt of another certificate',
    () => ({
      falsify: async (answer, _entry, memory) => ({ ...answer, receipt: await memory.receipt(0) }),
    }),
  ],
  ['gives the receipt of another index', () => ({ falsify: (answer) => ({ ...answer, index: answer.index + 1 }) })],
  ['leaves the leaf out', () => ({ falsify: (answer) => withoutExtra(answer) })],
  ['records another kind', () => lying((leaf) => ({ ...leaf, kind: 'server' }))],
  ['records another name', () => lying((leaf) => ({ ...leaf, commonName: 'Grace Hopper' }))],
  ['records another serial number', () => lying((leaf) => ({ ...leaf, serial: Buffer.alloc(20, 1) }))],
  ['records another begin', () => lying((leaf) => ({ ...leaf, notBefore: leaf.notBefore + 1000 }))],
  ['records another end', () => lying((leaf) => ({ ...leaf, notAfter: leaf.notAfter - 1000 }))],
  ['records another issuer', () => lying((leaf) => ({ ...leaf, issuer: sha256(Buffer.from('other')) }))],
  ['records another context', () => lying((leaf) => ({ ...leaf, commitment: sha256(Buffer.from('other')) }))],
  ['keeps the salt to itself', () => ({ falsify: (answer) => ({ ...answer, context_salt: null }) })],
  [
    'answers a revocation',
    () =>
      lying((leaf) => ({
        type: 'revoked',
        loggedAt: leaf.loggedAt,
        commitment: leaf.commitment,
        issuer: leaf.issuer,
        fingerprint: leaf.fingerprint,
        reason: 0,
        revokedAt: 0,
        issuedIndex: 0,
        actorCommitment: Buffer.alloc(32),
      })),
  ],
];

function withoutExtra(answer: Appended): Appended {
  const { index, proof, checkpoint } = parseReceipt(answer.receipt);
  return { ...answer, receipt: printReceipt({ index, proof, checkpoint }) };
}

describe('a log that', () => {
  it.each(faults)('%s: 503, Retry-After and no certificate', async (_what, fault) => {
    await service.issue(await userRequest()).expect(201);
    log.faults = { only: 'issued', ...fault() };
    const response = await service.issue(await userRequest());
    expect(response.status).toBe(503);
    expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
    expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(holdsCertificate(response)).toBe(false);
    log.faults = {};
    await service.issue(await userRequest()).expect(201);
  });

  it.each([400, 413, 422])(
    'takes the entry for invalid (%d): 502 for good, an alarm and no certificate',
    async (status) => {
      const alarm = jest.spyOn(Logger.prototype, 'error');
      log.faults = { only: 'issued', insteadOfAppending: () => problem(status, 'invalid_entry') };
      const response = await service.issue(await userRequest());
      expect(response.status).toBe(502);
      expect(response.body).toMatchObject({ code: 'log_refused_entry', status: 502 });
      expect(response.headers['retry-after']).toBeUndefined();
      expect(holdsCertificate(response)).toBe(false);
      const said = { msg: 'log refused an entry', type: 'issued', status, code: 'invalid_entry' };
      expect(alarm).toHaveBeenCalledWith(expect.objectContaining(said));
      alarm.mockRestore();
    },
  );

  it('takes a revocation or a CRL for invalid: the same', async () => {
    const { fingerprint } = await service.issued();
    for (const only of ['revoked', 'crl'] as const) {
      log.faults = { only, insteadOfAppending: () => problem(422, 'invalid_entry') };
      const path = only === 'crl' ? 'crl' : 'revocations';
      const answer = await service.call('post', `/api/v1/${path}`).send({ fingerprint, reason: 'superseded' });
      expect(answer.status).toBe(502);
      expect(answer.body).toMatchObject({ code: 'log_refused_entry' });
    }
  });

  it('is not there: 503, Retry-After and no certificate; it goes on as soon as it is back', async () => {
    await log.stop();
    try {
      const response = await service.issue(await userRequest()).expect(503);
      expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
      expect(holdsCertificate(response)).toBe(false);
    } finally {
      await log.start();
    }
    await service.issue(await userRequest()).expect(201);
  });

  it('hangs does not hold the answer longer than the timeout', async () => {
    log.faults = { insteadOfAppending: () => 'hang' };
    const started = performance.now();
    await service.issue(await userRequest()).expect(503);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('says something true is believed: the faults above are what was refused', async () => {
    log.faults = lying((leaf) => leaf);
    await service.issue(await userRequest()).expect(201);
    expect(decodeLeaf(encodeLeaf(log.log.at(0).leaf)).type).toBeDefined();
  });
});
