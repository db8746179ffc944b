import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { IssueCertificateRequest, IssuedCertificate, RevokedCertificateResponse } from '@libs/contracts';
import { createKeyPairAndCsr, crlNumberOf, crlSerialNumbers, onlyPemBlock, parseCrl, sha256 } from '@libs/pki';
import { decodeLeaf, parseReceipt, rebuildLeaf, verifyReceipt } from '@libs/tlog';
import { failPoints as logFailPoints } from '../../apps/certtransparency/src/fail-points';
import { failPoints as signingFailPoints } from '../../apps/signing/src/fail-points';
import { readHistory } from './support/history';
import { KillLab } from './support/kill-lab';
import type { KillableService } from './support/killable-service';

/** In flight at once when something dies: 13 new issuances, 3 repetitions of earlier ones, 4 revocations. */
const NEW = 13;
const REPEATED = 3;
const REVOKED = 4;
/** A service that died while it wrote a CRL has left a lock behind, which is believed in for a while. */
const CRL_PATIENCE_MS = 20_000;
/** Of the new ones, these are never asked for again: whoever asked has gone. */
const ABANDONED = 4;

interface Asked {
  readonly id: string;
  readonly request: IssueCertificateRequest;
}

let lab: KillLab;
let csr: string;
/** What callers have been promised. */
const issued = new Map<string, IssuedCertificate>();
const asked = new Map<string, Asked>();
const revoked = new Map<string, RevokedCertificateResponse>();
const deaths: string[] = [];
let lastCrlNumber = 0n;

beforeAll(async () => {
  lab = await KillLab.start();
  csr = (await createKeyPairAndCsr({ commonName: 'ignored', algorithm: 'P-256' })).csrPem;
  for (const one of newRequests(REPEATED + REVOKED)) await promised(one, issue(one));
});

afterAll(() => lab.stop());

function newRequests(count: number): Asked[] {
  return Array.from({ length: count }, () => {
    const id = randomUUID();
    return { id, request: { csr, kind: 'user', common_name: 'Ada Lovelace', context: { issuance_id: id } } };
  });
}

const issue = ({ id, request }: Asked): Promise<IssuedCertificate> => lab.signingClient.issue(id, request);

/** Remembers an answer. Whoever has had one before must get the same certificate again. */
async function promised(one: Asked, answer: Promise<IssuedCertificate>): Promise<void> {
  const certificate = await answer;
  const before = issued.get(one.id);
  if (before !== undefined) expect(certificate.certificate).toBe(before.certificate);
  issued.set(one.id, certificate);
  asked.set(one.id, one);
}

async function revoke(fingerprint: string): Promise<void> {
  const answer = await lab.signingClient.revoke({ fingerprint, reason: 'key_compromise' });
  const before = revoked.get(fingerprint);
  if (before !== undefined)
    expect(answer).toMatchObject({ revoked_at: before.revoked_at, log_index: before.log_index });
  revoked.set(fingerprint, answer);
}

const unrevoked = (): Asked[] =>
  [...asked.values()].filter(({ id }) => !revoked.has(issued.get(id)?.fingerprint ?? ''));

/** Everything at once; what fails because of the death fails. Answers what is to be asked again, and what was abandoned. */
async function askUntilDeath(): Promise<{ readonly again: readonly (() => Promise<void>)[]; readonly gone: Asked[] }> {
  const earlier = unrevoked();
  const fresh = newRequests(NEW);
  const toRevoke = earlier.slice(0, REVOKED).map(({ id }) => issued.get(id)?.fingerprint ?? '');
  const repeated = earlier.slice(REVOKED, REVOKED + REPEATED);
  const issuing = [...fresh, ...repeated].map((one) => () => promised(one, issue(one)));
  const revoking = toRevoke.map((fingerprint) => () => revoke(fingerprint));
  const work = [...revoking, ...issuing];
  expect(work).toHaveLength(NEW + REPEATED + REVOKED);
  await Promise.allSettled(work.map((ask) => ask()));
  const gone = fresh.slice(0, ABANDONED).filter(({ id }) => !issued.has(id));
  const again = [
    ...revoking,
    ...[...fresh, ...repeated].filter((one) => !gone.includes(one)).map((one) => () => promised(one, issue(one))),
  ];
  return { again, gone };
}

/** What becomes of an issuance that nobody asks for any more: the certificate that the log may have is revoked. */
async function reconcile({ id }: Asked): Promise<void> {
  const { items } = await lab.logReader.search({ issuance_id: id });
  for (const { fingerprint } of items) await revoke(fingerprint);
}

async function killAt(service: KillableService, point: string, visit: number): Promise<void> {
  await service.stop();
  await service.run(`${point}:${String(visit)}`);
  const { again, gone } = await askUntilDeath();
  expect(await service.ended()).toMatchObject({ signal: 'SIGKILL' });
  deaths.push(point);
  await service.run();
  await Promise.all(again.map((ask) => ask()));
  await Promise.all(gone.map(reconcile));
  await expectCrl();
}

/** The CRL that is served is never older than one that was served, and soon names all that was revoked. */
async function expectCrl(): Promise<void> {
  const serialNumbers = await Promise.all([...revoked.keys()].map((fingerprint) => serialNumberOf(fingerprint)));
  const deadline = Date.now() + CRL_PATIENCE_MS;
  for (;;) {
    const crl = parseCrl(await lab.signingClient.crlDer());
    const number = crlNumberOf(crl) ?? 0n;
    expect(number).toBeGreaterThanOrEqual(lastCrlNumber);
    lastCrlNumber = number;
    const listed = new Set(crlSerialNumbers(crl));
    const missing = serialNumbers.filter((serialNumber) => !listed.has(serialNumber));
    if (missing.length === 0) return;
    if (Date.now() > deadline) throw new Error(`the CRL lacks ${missing.join(', ')}`);
    await sleep(100);
  }
}

async function serialNumberOf(fingerprint: string): Promise<string> {
  const record = await lab.logReader.certificate(fingerprint);
  if (record === null) throw new Error(`${fingerprint} was revoked and is unknown`);
  return record.serial_number;
}

/** How often a point is passed before the death, so that it comes in the middle of things. */
function visitOf(point: string): number {
  if (/^(csr|certificate|issuance-verified)/.test(point)) return 7;
  if (/^(revocation|issuance-found)/.test(point)) return 2;
  return 1;
}

describe('with 20 requests in flight, the signing service dies', () => {
  it.each(signingFailPoints.names)('at %s, and keeps its promises', async (point) => {
    await killAt(lab.signing, point, visitOf(point));
  });
});

describe('with 20 requests in flight, the log dies', () => {
  it.each(logFailPoints.names)('at %s, and signing keeps its promises', async (point) => {
    await killAt(lab.log, point, visitOf(point));
  });
});

describe('after all of these deaths', () => {
  it('every point has been visited', () => {
    expect(deaths).toEqual([...signingFailPoints.names, ...logFailPoints.names]);
  });

  it('every certificate that was answered stands in the log, as its receipt proves', async () => {
    const { leaves } = await readHistory(lab.database.superuserUrl, lab.signer.verifier);
    for (const { certificate, receipt, log_index: index } of issued.values()) {
      const der = onlyPemBlock(certificate, 'CERTIFICATE');
      const proven = verifyReceipt(parseReceipt(receipt), (extra) => rebuildLeaf(extra ?? Buffer.of(), der), [
        lab.signer.verifier,
      ]);
      expect(proven.index).toBe(index);
      expect(leaves[index]).toEqual(proven.leaf);
    }
  });

  it('every certificate in the log was answered, or has been revoked', async () => {
    const { leaves } = await readHistory(lab.database.superuserUrl, lab.signer.verifier);
    const answered = new Set([...issued.values()].map(({ fingerprint }) => fingerprint));
    const orphans = leaves
      .map(decodeLeaf)
      .flatMap((leaf) => (leaf.type === 'issued' ? [leaf.fingerprint.toString('hex')] : []));
    const left = orphans.filter((fingerprint) => !answered.has(fingerprint) && !revoked.has(fingerprint));
    expect(left).toEqual([]);
  });

  it('CRL numbers have only ever grown', async () => {
    const { leaves } = await readHistory(lab.database.superuserUrl, lab.signer.verifier);
    const numbers = leaves.map(decodeLeaf).flatMap((leaf) => (leaf.type === 'crl' ? [leaf.crlNumber] : []));
    expect(numbers.length).toBeGreaterThan(deaths.length);
    expect(numbers).toEqual([...new Set(numbers)].sort((one, other) => one - other));
    const served = sha256(await lab.signingClient.crlDer());
    const last = leaves.map(decodeLeaf).findLast((leaf) => leaf.type === 'crl');
    expect(last).toMatchObject({ crlSha256: served });
  });
});
