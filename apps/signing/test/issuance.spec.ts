import { Issuer, dnsNamesOf, onlyCommonName, onlyPemBlock, parseCertificate } from '@libs/pki';
import { parseReceipt, parseVerifierKey, rebuildLeaf, verifyReceipt } from '@libs/tlog';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { FakeLogServer } from './support/fake-log-server';
import { SigningService, TestPki, holdsCertificate, signingVariables, userRequest } from './support/signing-service';

const log = new FakeLogServer();
let pki: TestPki;
let directory: string;
let service: SigningService;

beforeAll(async () => {
  pki = await TestPki.create();
  directory = await pki.directory();
  await log.start();
  service = await SigningService.start(signingVariables(directory, log));
});

afterEach(() => {
  log.faults = {};
});

afterAll(async () => {
  await service.stop();
  await log.stop();
  await pki.remove();
});

const der = (pem: string): Buffer => onlyPemBlock(pem, 'CERTIFICATE');

/** A request that asks to be a CA, for an organisation and for a name of somebody else. */
function greedyRequest(): string {
  const names = ['basicConstraints=critical,CA:TRUE', 'subjectAltName=DNS:vpn.example.org', 'keyUsage=keyCertSign'];
  return execFileSync(
    'openssl',
    ['req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', '/dev/null', '-batch']
      .concat(['-subj', '/O=Somebody/CN=root'])
      .concat(names.flatMap((name) => ['-addext', name])),
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  );
}

describe('POST /api/v1/certificates', () => {
  it('answers certificate, chain and a receipt that a stranger can verify', async () => {
    const { body } = await service.issue(await userRequest()).expect(201);
    const certificate = parseCertificate(der(body.certificate));
    expect(onlyCommonName(certificate.tbs.subject)).toBe('Ada Lovelace');
    expect(Issuer.fromCertificate(der(body.chain[0])).issued(certificate)).toBe(true);
    const proven = verifyReceipt(
      parseReceipt(body.receipt),
      (extra) => rebuildLeaf(extra ?? Buffer.alloc(0), certificate.der),
      [parseVerifierKey(log.verifierKey)],
    );
    expect(proven.index).toBe(body.log_index);
    expect(body.serial_number).toBe(certificate.tbs.serialNumber.toString('hex').toUpperCase());
  });

  it('gives a server its common name and the names asked for, once each', async () => {
    const request = { ...(await userRequest('vpn.example.org')), kind: 'server' };
    const { body } = await service
      .issue({ ...request, dns_names: ['vpn2.example.org', 'vpn.example.org'] })
      .expect(201);
    expect(dnsNamesOf(parseCertificate(der(body.certificate)).tbs)).toEqual(['vpn.example.org', 'vpn2.example.org']);
  });

  it('takes nothing from the request but its key', async () => {
    const { body } = await service.issue({ ...(await userRequest()), csr: greedyRequest() }).expect(201);
    const { tbs } = parseCertificate(der(body.certificate));
    expect(onlyCommonName(tbs.subject)).toBe('Ada Lovelace');
    expect(dnsNamesOf(tbs)).toEqual([]);
    expect(() => Issuer.fromCertificate(der(body.certificate))).toThrow(/not a CA/);
    expect(tbs.extensions).toHaveLength(5);
  });

  it('limits the validity to what is asked for', async () => {
    const { body } = await service.issue({ ...(await userRequest()), validity_days: 1 }).expect(201);
    expect(Date.parse(body.not_after) - Date.now()).toBeLessThanOrEqual(86_400_000);
  });

  it.each([
    ['another kind', { kind: 'ca' }],
    ['a line break in the name', { common_name: 'a\nup /bin/sh' }],
    ['a name that is too long', { common_name: 'x'.repeat(65) }],
    ['DNS names for a user', { dns_names: ['vpn.example.org'] }],
    ['a server without DNS name', { kind: 'server', common_name: 'not a host' }],
    ['a server with an address', { kind: 'server', common_name: 'x', dns_names: ['192.0.2.1'] }],
    ['a longer validity than is configured', { validity_days: 91 }],
    ['an unknown field', { extensions: [] }],
    ['a broken request', { csr: 'hello' }],
    ['the id of another issuance', { context: { issuance_id: '00000000-0000-4000-8000-000000000000' } }],
  ])('refuses %s with 422 and logs nothing', async (_what, change) => {
    const before = log.log.issued.length;
    const response = await service.issue({ ...(await userRequest()), ...change }).expect(422);
    expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(response.body.errors ?? response.body.detail).toBeTruthy();
    expect(holdsCertificate(response)).toBe(false);
    expect(log.log.issued).toHaveLength(before);
  });

  it.each([undefined, 'x', randomUUID().toUpperCase()])('refuses the Idempotency-Key %s', async (key) => {
    const call = service.call('post', '/api/v1/certificates');
    if (key !== undefined) call.set('Idempotency-Key', key);
    await call.send(await userRequest()).expect(422);
  });

  it('is for the frontend alone', async () => {
    await service.call('post', '/api/v1/certificates').set('Authorization', 'Bearer nobody').send({}).expect(401);
    await service.call('post', '/api/v1/certificates').unset('Authorization').send({}).expect(401);
  });
});

describe('the same Idempotency-Key', () => {
  it('gives the same certificate again', async () => {
    const [key, body] = [randomUUID(), await userRequest()];
    const first = await service.issue(body, key).expect(201);
    const second = await service.issue(body, key).expect(201);
    expect(second.body.certificate).toBe(first.body.certificate);
    expect(second.body.log_index).toBe(first.body.log_index);
  });

  it('gives one certificate to requests in parallel', async () => {
    const [key, body] = [randomUUID(), await userRequest()];
    const before = log.log.issued.length;
    const answers = await Promise.all(Array.from({ length: 8 }, () => service.issue(body, key).expect(201)));
    expect(new Set(answers.map((answer) => answer.body.fingerprint)).size).toBe(1);
    expect(log.log.issued).toHaveLength(before + 1);
  });

  it('gives the same certificate after a restart and by a replica', async () => {
    const [key, body] = [randomUUID(), await userRequest()];
    const first = await service.issue(body, key).expect(201);
    const replica = await SigningService.start(signingVariables(directory, log));
    try {
      expect((await replica.issue(body, key).expect(201)).body.certificate).toBe(first.body.certificate);
    } finally {
      await replica.stop();
    }
  });

  it('with another request is refused, at once and later', async () => {
    const [key, body] = [randomUUID(), await userRequest()];
    const other = { ...body, common_name: 'Grace Hopper' };
    const answers = await Promise.all([service.issue(body, key), service.issue(other, key)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 422]);
    const later = await service.issue({ ...(await userRequest()) }, key).expect(422);
    expect(later.body.code).toBe('idempotency_key_reused');
    expect(holdsCertificate(later)).toBe(false);
  });

  it('does not hand out a certificate that was revoked since', async () => {
    const [key, body] = [randomUUID(), await userRequest()];
    const first = await service.issue(body, key).expect(201);
    await service.revoke(first.body.fingerprint).expect(200);
    const again = await service.issue(body, key).expect(409);
    expect(holdsCertificate(again)).toBe(false);
  });

  it('finds the certificate whose answer got lost', async () => {
    const [key, body] = [randomUUID(), await userRequest()];
    log.faults = { afterAppending: () => 'drop' };
    await service.issue(body, key).expect(503);
    log.faults = {};
    const before = log.log.issued.length;
    const { body: issued } = await service.issue(body, key).expect(201);
    expect(log.log.issued).toHaveLength(before);
    expect(issued.fingerprint).toBe(log.log.issued[before - 1]?.fingerprint.toString('hex'));
  });
});

it('takes no more issuances than it can hold: 503 and Retry-After', async () => {
  const small = await SigningService.start(
    signingVariables(directory, log, { SIGNING_MAX_IN_FLIGHT: '2', SIGNING_CT_TIMEOUT_MS: '20000' }),
  );
  let release: () => void = () => undefined;
  log.faults = { only: 'issued', hold: new Promise<void>((resolve) => (release = resolve)) };
  try {
    const bodies = await Promise.all([userRequest(), userRequest()]);
    const held = bodies.map((body) => small.issue(body).then((response) => response));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const refused = await small.issue(await userRequest()).expect(503);
    expect(refused.headers['retry-after']).toBe('1');
    expect(refused.body.code).toBe('too_many_issuances');
    release();
    expect((await Promise.all(held)).map(({ status }) => status)).toEqual([201, 201]);
  } finally {
    release();
    await small.stop();
  }
});
