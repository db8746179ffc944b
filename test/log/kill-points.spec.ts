import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { REVOCATION_REASON_CODES } from '@libs/contracts';
import { type ParsedCrl, crlNumberOf, crlSerialNumbers, onlyPemBlock, parseCrl, sha256 } from '@libs/pki';
import { decodeLeaf, type Leaf, parseReceipt, rebuildLeaf, verifyReceipt } from '@libs/tlog';
import { failPoints as logFailPoints } from '../../apps/certtransparency/src/fail-points';
import { failPoints as signingFailPoints } from '../../apps/signing/src/fail-points';
import { Callers } from './support/callers';
import { readHistory } from './support/history';
import { KillLab } from './support/kill-lab';
import type { KillableService } from './support/killable-service';
import { LabFrontend } from './support/lab-frontend';

/** As long as an answer waits for the CRL. */
const CRL_PATIENCE_MS = 5_000;

let lab: KillLab;
let frontend: LabFrontend;
let callers: Callers;
const deaths: string[] = [];
let lastCrlNumber = 0n;
/** SHA-256 of each CRL that was served or stood ready to be, by its number. */
const published = new Map<bigint, string>();

beforeAll(async () => {
  lab = await KillLab.start();
  frontend = await LabFrontend.start(lab.signing.url, lab.log.url);
  callers = await Callers.create(lab, frontend);
});

afterAll(async () => {
  await frontend.close();
  await lab.stop();
});

async function killAt(service: KillableService, point: string, visit: number): Promise<void> {
  await service.stop();
  await service.run(`${point}:${String(visit)}`);
  const again = await callers.askUntilDeath();
  expect(await service.ended()).toMatchObject({ signal: 'SIGKILL' });
  deaths.push(point);
  noteStoredCrl();
  await service.run();
  await Promise.all(again.map((ask) => ask()));
  await frontend.settle();
  expect(await frontend.certificates('pending')).toEqual([]);
  await expectCrl();
}

/** The CRL that is served is never older than one that was served, and soon names all that was revoked. */
async function expectCrl(): Promise<void> {
  const superseded = await frontend.certificates('superseded');
  const serialNumbers = await Promise.all([...callers.revoked.keys(), ...superseded].map(serialNumberOf));
  const deadline = Date.now() + CRL_PATIENCE_MS;
  for (;;) {
    const listed = new Set(crlSerialNumbers(noted(await lab.signingClient.crlDer())));
    const missing = serialNumbers.filter((serialNumber) => !listed.has(serialNumber));
    if (missing.length === 0) return;
    if (Date.now() > deadline) throw new Error(`the CRL lacks ${missing.join(', ')}`);
    await sleep(100);
  }
}

function noted(der: Buffer): ParsedCrl {
  const crl = parseCrl(der);
  const number = crlNumberOf(crl) ?? 0n;
  expect(number).toBeGreaterThanOrEqual(lastCrlNumber);
  lastCrlNumber = number;
  const hash = sha256(der).toString('hex');
  expect(published.get(number) ?? hash).toBe(hash);
  published.set(number, hash);
  return crl;
}

/** What a service that starts now serves before anything else. */
function noteStoredCrl(): void {
  const [name] = readdirSync(lab.crlFolder).filter((file) => file.endsWith('.crl'));
  if (name !== undefined) noted(readFileSync(join(lab.crlFolder, name)));
}

async function serialNumberOf(fingerprint: string | null): Promise<string> {
  const record = await lab.logReader.certificate(fingerprint ?? '');
  if (record === null) throw new Error(`${String(fingerprint)} was revoked and is unknown`);
  return record.serial_number;
}

/** How often a point is passed before the death, so that it comes in the middle of things. */
function visitOf(point: string): number {
  if (/^(csr|certificate|issuance-verified)/.test(point)) return 7;
  if (/^(revocation|issuance-found)/.test(point)) return 2;
  return 1;
}

const recorded = async (): Promise<readonly Leaf[]> =>
  (await readHistory(lab.database.superuserUrl, lab.signer.verifier)).leaves.map(decodeLeaf);

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
    for (const { certificate, receipt, log_index: index } of callers.issued.values()) {
      const der = onlyPemBlock(certificate, 'CERTIFICATE');
      const proven = verifyReceipt(parseReceipt(receipt), (extra) => rebuildLeaf(extra ?? Buffer.of(), der), [
        lab.signer.verifier,
      ]);
      expect(proven.index).toBe(index);
      expect(leaves[index]).toEqual(proven.leaf);
    }
  });

  it('every certificate in the log was answered, or has been revoked', async () => {
    const leaves = await recorded();
    const answered = new Set([...callers.issued.values()].map(({ fingerprint }) => fingerprint));
    for (const fingerprint of await frontend.certificates('issued')) answered.add(fingerprint ?? '');
    const revoked = leaves.flatMap((leaf) => (leaf.type === 'revoked' ? [leaf.fingerprint.toString('hex')] : []));
    const issued = leaves.flatMap((leaf) => (leaf.type === 'issued' ? [leaf.fingerprint.toString('hex')] : []));
    expect(issued.filter((one) => !answered.has(one) && !revoked.includes(one))).toEqual([]);
    expect([...answered].filter((one) => !issued.includes(one))).toEqual([]);
  });

  it('every revocation that was answered stands in the log once, as it was answered', async () => {
    const leaves = await recorded();
    const revoked = leaves.flatMap((leaf) => (leaf.type === 'revoked' ? [leaf.fingerprint.toString('hex')] : []));
    expect(revoked).toEqual([...new Set(revoked)]);
    expect(callers.revoked.size).toBeGreaterThan(deaths.length);
    for (const { fingerprint, revoked_at, log_index } of callers.revoked.values()) {
      expect(leaves[log_index]).toMatchObject({
        type: 'revoked',
        fingerprint: Buffer.from(fingerprint, 'hex'),
        reason: REVOCATION_REASON_CODES.key_compromise,
        revokedAt: Date.parse(revoked_at),
      });
    }
  });

  it('what paid for a profile that was never made is free again, and no other', async () => {
    expect(await frontend.usesOfPsk()).toBe(await frontend.usesToPay());
    for (const state of ['issued', 'superseded', 'failed'] as const) {
      expect(await frontend.certificates(state)).not.toEqual([]);
    }
  });

  it('CRL numbers have only ever grown, and no CRL was published that is not recorded', async () => {
    const crls = (await recorded()).flatMap((leaf) => (leaf.type === 'crl' ? [leaf] : []));
    const numbers = crls.map(({ crlNumber }) => crlNumber);
    expect(numbers.length).toBeGreaterThan(deaths.length);
    expect(numbers).toEqual([...new Set(numbers)].sort((one, other) => one - other));
    const hashes = new Map(crls.map(({ crlNumber, crlSha256 }) => [BigInt(crlNumber), crlSha256.toString('hex')]));
    for (const [number, hash] of published) expect(hashes.get(number)).toBe(hash);
    expect(crls.at(-1)?.crlSha256).toEqual(sha256(await lab.signingClient.crlDer()));
  });

  it('nothing is left beside the CRL of what dead processes began', async () => {
    await lab.signingClient.rebuildCrl();
    expect(readdirSync(lab.crlFolder)).toHaveLength(1);
  });
});
