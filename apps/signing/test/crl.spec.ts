import { Metrics, Readiness } from '@libs/http';
import {
  Issuer,
  type ParsedCrl,
  crlEntries,
  crlNumberOf,
  onlyPemBlock,
  parseCrl,
  parsePem,
  verifyCrl,
} from '@libs/pki';
import { readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CrlPublisher } from '../src/crl/crl-publisher';
import { FakeLogServer } from './support/fake-log-server';
import { MemoryLog } from './support/memory-log';
import { SigningService, TestPki, signingVariables } from './support/signing-service';

const log = new FakeLogServer();
let pki: TestPki;
let directory: string;
let service: SigningService;

beforeAll(async () => {
  pki = await TestPki.create();
  await log.start();
});

beforeEach(async () => {
  log.log = new MemoryLog(log.signer);
  log.faults = {};
  directory = await pki.directory();
  service = await SigningService.start(signingVariables(directory, log));
  await firstCrl(service);
});

afterEach(() => service.stop());

afterAll(async () => {
  await log.stop();
  await pki.remove();
});

/** The first CRL is made in the background. */
async function firstCrl(of: SigningService): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (of.get(CrlPublisher).current !== undefined) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('there is no CRL after four seconds');
}

async function served(by = service): Promise<ParsedCrl> {
  const { body } = await by.call('get', '/api/v1/crl').buffer(true).parse(binary).expect(200);
  return parseCrl(body as Buffer);
}

const binary: Parameters<ReturnType<SigningService['call']>['parse']>[0] = (response, done) => {
  const chunks: Buffer[] = [];
  response.on('data', (chunk: Buffer) => chunks.push(chunk));
  response.on('end', () => {
    done(null, Buffer.concat(chunks));
  });
};

const serialsOf = (crl: ParsedCrl): string[] => [...crlEntries(crl)].map(({ serialNumber }) => serialNumber);
const numberOf = (crl: ParsedCrl): number => Number(crlNumberOf(crl));
const rebuild = (by = service) => by.call('post', '/api/v1/crl').expect(200);

describe('the CRL', () => {
  it('is there soon after the start, signed by the intermediate, backdated, valid for a week', async () => {
    const crl = await served();
    const issuer = Issuer.fromCertificate(
      onlyPemBlock(await readFile(join(directory, 'intermediate.crt'), 'utf8'), 'CERTIFICATE'),
    );
    expect(verifyCrl(crl, issuer)).toBe(true);
    expect(Date.now() - crl.thisUpdate.getTime()).toBeGreaterThan(60_000);
    const days = ((crl.nextUpdate?.getTime() ?? 0) - Date.now()) / 86_400_000;
    expect(Math.round(days)).toBe(7);
  });

  it('stands in the log before it is served', async () => {
    const { body } = await rebuild();
    const recorded = log.log.entries.map(({ leaf }) => leaf).filter((leaf) => leaf.type === 'crl');
    expect(recorded.map(({ crlNumber }) => crlNumber)).toContain(body.number);
    log.faults = { only: 'crl', insteadOfAppending: () => ({ status: 500, body: {} }) };
    await service.call('post', '/api/v1/crl').expect(503);
    expect(numberOf(await served())).toBe(body.number);
  });

  it('has numbers and times that strictly increase, over 50 rebuilds in parallel', async () => {
    const seen: { number: number; this_update: string }[] = [];
    for (let round = 0; round < 5; round += 1) {
      const answers = await Promise.all(Array.from({ length: 10 }, () => rebuild()));
      seen.push(...answers.map(({ body }) => body as (typeof seen)[number]));
    }
    const distinct = [...new Map(seen.map((crl) => [crl.number, crl])).values()].sort((a, b) => a.number - b.number);
    const seconds = distinct.map(({ this_update }) => Date.parse(this_update) / 1000);
    expect(distinct.length).toBeGreaterThanOrEqual(5);
    expect(distinct.length).toBeLessThanOrEqual(20);
    for (const [position, second] of seconds.entries()) {
      if (position > 0) expect(second - (seconds[position - 1] ?? 0)).toBeGreaterThanOrEqual(1);
    }
  });

  it('has numbers that strictly increase with two replicas, which learn of each other’s revocations', async () => {
    const replica = await SigningService.start(
      signingVariables(await pki.directory(), log, { SIGNING_CRL_POLL_SECONDS: '1' }),
    );
    try {
      await firstCrl(replica);
      const { fingerprint, serial_number } = await service.issued();
      const answers = await Promise.all([service.revoke(fingerprint), rebuild(), rebuild(replica), rebuild(replica)]);
      const numbers = new Set(answers.slice(1).map(({ body }) => body.number));
      expect(numbers.size).toBeGreaterThanOrEqual(2);
      for (let attempt = 0; attempt < 60; attempt += 1) {
        if (serialsOf(await served(replica)).includes(serial_number)) return;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      throw new Error('the replica has not learnt of the revocation');
    } finally {
      await replica.stop();
    }
  });

  it('lets two replicas share a folder: an older CRL never takes the place of a newer one', async () => {
    const replica = await SigningService.start(signingVariables(directory, log));
    try {
      const answers = await Promise.all(Array.from({ length: 8 }, (_, n) => rebuild(n % 2 === 0 ? service : replica)));
      const highest = Math.max(...answers.map(({ body }) => body.number as number));
      const [name] = (await readdir(join(directory, 'crl'))).filter((file) => file.endsWith('.crl'));
      expect(numberOf(parseCrl(await readFile(join(directory, 'crl', name ?? ''))))).toBe(highest);
      expect(await readdir(join(directory, 'crl'))).toHaveLength(1);
    } finally {
      await replica.stop();
    }
  });

  it('is served from disk after a restart without a log, and revoked stays revoked', async () => {
    const { fingerprint, serial_number } = await service.issued();
    await service.revoke(fingerprint).expect(200);
    const before = await served();
    await service.stop();
    await log.stop();
    try {
      service = await SigningService.start(signingVariables(directory, log));
      expect((await served()).der).toEqual(before.der);
      expect(serialsOf(await served())).toContain(serial_number);
      await service.call('get', '/api/v1/chain').expect(200);
      await service.call('post', '/api/v1/crl').expect(503);
    } finally {
      await log.start();
    }
    const { body } = await rebuild();
    expect(body.number).toBeGreaterThan(numberOf(before));
    expect(serialsOf(await served())).toContain(serial_number);
  });

  it('stays as it is when the log has forgotten a revocation', async () => {
    const { fingerprint, serial_number } = await service.issued();
    await service.revoke(fingerprint).expect(200);
    await service.stop();
    const forgetful = new MemoryLog(log.signer);
    const issuer = (await readdir(join(directory, 'crl')))[0]?.replace('.crl', '') ?? '';
    for (let count = 0; count < 20; count += 1) forgetful.allocateCrlNumber(issuer);
    log.log = forgetful;
    service = await SigningService.start(signingVariables(directory, log));
    await service.call('post', '/api/v1/crl').expect(500);
    expect(serialsOf(await served())).toContain(serial_number);
  });

  it('replaces a file that is damaged', async () => {
    const [name = ''] = await readdir(join(directory, 'crl'));
    await service.stop();
    await writeFile(join(directory, 'crl', name), 'garbage');
    service = await SigningService.start(signingVariables(directory, log));
    await firstCrl(service);
    expect(numberOf(await served())).toBeGreaterThan(1);
  });

  it('can be read by everybody, and leaves no temporary file behind', async () => {
    const names = await readdir(join(directory, 'crl'));
    expect(names).toHaveLength(1);
    expect((await stat(join(directory, 'crl', names[0] ?? ''))).mode & 0o777).toBe(0o644);
  });
});

describe('operators', () => {
  it('see how long it is until everybody is locked out, and readiness while there is a valid CRL', async () => {
    const metrics = await service.get(Metrics).registry.metrics();
    const days = (issuer: string): number =>
      Number(new RegExp(`signing_crl_days_until_lockout\\{issuer="${issuer}"\\} (\\S+)`).exec(metrics)?.[1]);
    expect(days('intermediate')).toBeGreaterThan(6.9);
    expect(days('root')).toBeGreaterThan(89);
    expect((await service.get(Readiness).report()).checks).toMatchObject({ crl: 'ok' });
  });
});

describe('GET /api/v1/crl and /api/v1/crl.pem', () => {
  it('answer DER and the bundle with the root’s CRL', async () => {
    const der = await service.call('get', '/api/v1/crl').expect(200).expect('Content-Type', 'application/pkix-crl');
    expect(der.headers['etag']).toMatch(/^"[0-9a-f]{64}"$/);
    const pem = await service
      .call('get', '/api/v1/crl.pem')
      .expect(200)
      .expect('Content-Type', /application\/x-pem-file/);
    expect(parsePem(pem.text).map(({ label }) => label)).toEqual(['X509 CRL', 'X509 CRL']);
  });

  it.each(['/api/v1/crl', '/api/v1/crl.pem'])('%s answers HEAD and 304 by either validator', async (path) => {
    const { headers } = await service.call('head', path).expect(200);
    await service
      .call('get', path)
      .set('If-None-Match', headers['etag'] ?? '')
      .expect(304);
    await service
      .call('get', path)
      .set('If-Modified-Since', headers['last-modified'] ?? '')
      .expect(304);
    await rebuild();
    const changed = await service
      .call('get', path)
      .set('If-None-Match', headers['etag'] ?? '')
      .expect(200);
    expect(changed.headers['etag']).not.toBe(headers['etag']);
    expect(Date.parse(changed.headers['last-modified'] ?? '')).toBeGreaterThan(
      Date.parse(headers['last-modified'] ?? ''),
    );
  });

  it('need the frontend’s key', async () => {
    for (const path of ['/api/v1/crl', '/api/v1/crl.pem', '/api/v1/chain']) {
      await service.call('get', path).unset('Authorization').expect(401);
    }
  });

  it('answer 503 where there has never been a CRL and the log is down', async () => {
    await log.stop();
    const fresh = await SigningService.start(signingVariables(await pki.directory(), log));
    try {
      const { headers } = await fresh.call('get', '/api/v1/crl').expect(503);
      expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    } finally {
      await fresh.stop();
      await log.start();
    }
  });
});
