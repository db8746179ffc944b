import type { IssuedCertificate } from '@libs/contracts';
import { Issuer, crlPemLabel, crlSerialNumbers, onlyPemBlock, parseCertificate, parseCrl, parsePem } from '@libs/pki';
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FakeLogServer } from './support/fake-log-server';
import { addIssuer } from './support/further-issuer';
import { SigningService, TestPki, signingVariables, userRequest } from './support/signing-service';

let pki: TestPki;
let log: FakeLogServer;
let directory: string;
const running: SigningService[] = [];

beforeAll(async () => {
  pki = await TestPki.create();
  log = new FakeLogServer();
  await log.start();
  directory = await pki.directory();
});

afterAll(async () => {
  await Promise.all(running.map((service) => service.stop()));
  await log.stop();
  await pki.remove();
});

/** A replica; all of them share the folder and the log. */
async function replica(active?: string): Promise<SigningService> {
  const changes = active === undefined ? {} : { SIGNING_ACTIVE_ISSUER: active };
  const service = await SigningService.start(signingVariables(directory, log, changes));
  running.push(service);
  return service;
}

async function restart(service: SigningService, active?: string): Promise<SigningService> {
  await service.stop();
  running.splice(running.indexOf(service), 1);
  return replica(active);
}

async function issue(service: SigningService, key: string, body: object): Promise<IssuedCertificate> {
  return (await service.issue(body, key).expect(201)).body as IssuedCertificate;
}

const issuerOf = ({ chain }: IssuedCertificate): Issuer =>
  Issuer.fromCertificate(onlyPemBlock(chain[0], 'CERTIFICATE'));

const commonNames = (issuers: readonly Issuer[]): string[] =>
  issuers.map(({ subject }) => /Intermediate[ A-Za-z]*/.exec(subject.toString('latin1'))?.[0] ?? '');

/** The CRLs of the bundle by their issuers' names, as lists of serial numbers. */
async function bundle(service: SigningService): Promise<Map<string, string[]>> {
  const { body } = await service.call('get', '/api/v1/crl.pem').buffer(true).parse(asText).expect(200);
  const crls = parsePem(body as string).map(({ label, der }) => {
    expect(label).toBe(crlPemLabel);
    return parseCrl(der);
  });
  return new Map(crls.map((crl) => [crl.issuer.toString('hex'), [...crlSerialNumbers(crl)]]));
}

const asText: Parameters<ReturnType<SigningService['call']>['parse']>[0] = (response, done) => {
  let text = '';
  response.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  response.on('end', () => {
    done(null, text);
  });
};

const listed = async (service: SigningService, { subject }: Issuer): Promise<string[] | undefined> =>
  (await bundle(service)).get(subject.toString('hex'));

describe('the rotation of the intermediate, replica by replica', () => {
  it('issues throughout, serves the CRLs of both generations and revokes in both', async () => {
    const keys = { before: randomUUID(), during: randomUUID(), after: randomUUID() };
    const asked = await userRequest();
    let [one, two] = [await replica(), await replica()];
    const before = await issue(one, keys.before, asked);
    const old = issuerOf(before);

    // The new issuer is put beside the old one, and each replica takes notice of it.
    const next = await addIssuer(directory, { name: 'next', commonName: 'Intermediate of next year' });
    one = await restart(one);
    expect(await untilListed(one, next)).toEqual([]);
    two = await restart(two);
    expect(commonNames([issuerOf(await issue(two, randomUUID(), asked))])).toEqual(commonNames([old]));

    // One replica issues with the new one while the other still issues with the old one.
    one = await restart(one, 'next');
    const [during, stillOld] = [await issue(one, keys.during, asked), await issue(two, randomUUID(), asked)];
    expect(issuerOf(during).der).toEqual(next.der);
    expect(issuerOf(stillOld).der).toEqual(old.der);

    // Both replicas revoke what either has issued.
    await two
      .revoke(during.fingerprint)
      .expect(200)
      .expect(({ body }) => {
        expect(body).toMatchObject({ crl: 'published' });
      });
    expect(await listed(two, next)).toEqual([during.serial_number]);
    await one
      .revoke(before.fingerprint)
      .expect(200)
      .expect(({ body }) => {
        expect(body).toMatchObject({ crl: 'published' });
      });
    expect(await listed(one, old)).toEqual([before.serial_number]);

    two = await restart(two, 'next');
    const after = await issue(two, keys.after, asked);
    expect(issuerOf(after).issued(parseCertificate(onlyPemBlock(after.certificate, 'CERTIFICATE')))).toBe(true);
    expect(issuerOf(after).der).toEqual(next.der);

    // An answer that got lost before the rotation is given after it, with the chain that belongs to it.
    const again = (await two.issue(asked, keys.after).expect(201)).body as IssuedCertificate;
    expect(again.certificate).toBe(after.certificate);
    const revoked = await two.revoke(stillOld.fingerprint).expect(200);
    expect(revoked.body).toMatchObject({ newly_revoked: true, crl: 'published' });
    expect((await listed(two, old))?.sort()).toEqual([before.serial_number, stillOld.serial_number].sort());
    expect(await listed(two, next)).toEqual([during.serial_number]);
  });

  it('answers a certificate of the old issuer with the chain of the old issuer', async () => {
    const key = randomUUID();
    const asked = await userRequest('Grace Hopper');
    const oldReplica = await replica();
    const first = await issue(oldReplica, key, asked);
    const newReplica = await replica('next');
    const again = await issue(newReplica, key, asked);
    expect(again.certificate).toBe(first.certificate);
    expect(again.chain).toEqual(first.chain);
    expect(issuerOf(await issue(newReplica, randomUUID(), asked)).der).not.toEqual(issuerOf(first).der);
  });

  it('names both in the chain route by what is active', async () => {
    const service = await replica('next');
    const { body } = await service.call('get', '/api/v1/chain').expect(200);
    expect(
      commonNames([
        Issuer.fromCertificate(onlyPemBlock((body as { intermediate: string }).intermediate, 'CERTIFICATE')),
      ]),
    ).toEqual(['Intermediate of next year']);
  });

  it('ends when the old issuer is taken away: nothing of it is served or found again', async () => {
    const key = randomUUID();
    const asked = await userRequest('Mary Jackson');
    await issue(await replica(), key, asked);
    await rm(join(directory, 'intermediate.crt'));
    await rm(join(directory, 'intermediate.key.json'));
    const service = await replica('next');
    expect(await untilBundled(service)).toBe(2);
    await service
      .issue(asked, key)
      .expect(503)
      .expect(({ body }) => {
        expect(body).toMatchObject({ code: 'log_receipt_not_verified' });
      });
  });
});

async function untilBundled(service: SigningService): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const { status } = await service.call('get', '/api/v1/crl.pem');
    if (status === 200) return (await bundle(service)).size;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('there is no bundle');
}

async function untilListed(service: SigningService, issuer: Issuer): Promise<string[] | undefined> {
  await untilBundled(service);
  return listed(service, issuer);
}
