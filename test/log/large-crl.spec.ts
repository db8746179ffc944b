import { Issuer, crlSerialNumbers, onlyPemBlock, parseCrl, parsePem } from '@libs/pki';
import { generateNoteKey } from '@libs/tlog';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type LogDatabaseFixture,
  type RunningLog,
  WRITER_KEY,
  migratedLogDatabase,
  query,
  startLog,
} from '../../apps/certtransparency/test/log-fixture';
import { CrlPublisher } from '../../apps/signing/src/crl/crl-publisher';
import { SigningService, TestPki, logVariables } from '../../apps/signing/test/support/signing-service';
import { loadLargeLog } from './support/large-log';
import { allRevoked } from './support/large-log.sql';

const REVOKED = 100_000;

let pki: TestPki;
let directory: string;
let folder: string;
let database: LogDatabaseFixture;
let log: RunningLog;
let service: SigningService;

beforeAll(async () => {
  pki = await TestPki.create();
  directory = await pki.directory();
  folder = await mkdtemp(join(tmpdir(), 'large-crl-'));
  database = await migratedLogDatabase();
  const signer = generateNoteKey('log.test/large-crl');
  const certificate = onlyPemBlock(await readFile(join(directory, 'intermediate.crt'), 'utf8'), 'CERTIFICATE');
  const shape = allRevoked(Issuer.fromCertificate(certificate).spkiSha256);
  await loadLargeLog(database.superuserUrl, signer, REVOKED * 2, { shape });
  log = await startLog(database, { signer });
  service = await SigningService.start(logVariables(directory, log.url, WRITER_KEY, signer.verifier));
  while (service.get(CrlPublisher).current === undefined) await sleep(50);
});

afterAll(async () => {
  await service.stop();
  await log.close();
  await database.drop();
  await pki.remove();
  await rm(folder, { recursive: true });
});

async function served(): Promise<string> {
  return (await service.call('get', '/api/v1/crl.pem').expect(200)).text;
}

const serialsOf = (bundle: string): string[] => [...crlSerialNumbers(parseCrl(parsePem(bundle)[0]!.der))];

it(`a CRL lists each of ${REVOKED.toLocaleString('en')} revoked certificates, and openssl finds it good`, async () => {
  const bundle = await served();
  const rows = await query(
    database.superuserUrl,
    "SELECT upper(encode(c.serial, 'hex')) AS serial FROM ct.revocation r JOIN ct.certificate c USING (fingerprint) ORDER BY r.idx",
  );
  expect(serialsOf(bundle)).toEqual(rows.map(({ serial }) => serial));
  const file = join(folder, 'crl.pem');
  await writeFile(file, bundle);
  const verdict = execFileSync(
    'openssl',
    ['crl', '-noout', '-in', file, '-CAfile', join(directory, 'intermediate.crt')],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
  );
  expect(verdict).toBe('');
});

it('one more is on the CRL by the time its revocation is answered', async () => {
  const { fingerprint, serial_number } = await service.issued();
  const { body } = await service.revoke(fingerprint).expect(200);
  expect(body.crl).toBe('published');
  const serials = serialsOf(await served());
  expect(serials).toHaveLength(REVOKED + 1);
  expect(serials.at(-1)).toBe(serial_number);
});

it('it is there at once after a restart without a log', async () => {
  const before = await served();
  await service.stop();
  await log.close();
  service = await SigningService.start(logVariables(directory, log.url, WRITER_KEY, log.signer.verifier));
  expect(await served()).toBe(before);
  log = await startLog(database, { signer: log.signer });
});
