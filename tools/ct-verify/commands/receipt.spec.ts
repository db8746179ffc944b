import { sha256 } from '@libs/pki';
import { encodeLeaf, generateNoteKey, type IssuedLeaf, parseReceipt, printReceipt, printVerifierKey } from '@libs/tlog';
import fc from 'fast-check';
import { certificatePem, FIRST_TIME, TestCertificates } from '../test/test-certificates';
import { TestLog } from '../test/test-log';
import { flipBit, Workbench } from '../test/workbench';

const log = new TestLog();
const bench = new Workbench(log.key);
afterAll(() => bench.remove());

const zeros = Buffer.alloc(32);
const newKey = printVerifierKey(generateNoteKey(log.signer.name).verifier);
let issued: IssuedLeaf;
let other: IssuedLeaf;

beforeAll(async () => {
  const certificates = await TestCertificates.create();
  issued = await certificates.issue();
  other = await certificates.issue('Eve');
  const header = { loggedAt: FIRST_TIME, commitment: zeros };
  const { issuer, fingerprint } = issued;
  log.append(issued);
  const revocation = { reason: 4, revokedAt: FIRST_TIME, issuedIndex: 0, actorCommitment: zeros };
  log.append({ type: 'revoked', ...header, issuer, fingerprint, ...revocation });
  log.append({ type: 'crl', ...header, issuer, crlNumber: 7, crlSha256: zeros });
  log.append({ type: 'key_rotation', ...header, verifierKey: newKey });
  log.append(other);
  bench.file('issued.pem', certificatePem(issued));
  bench.file('other.pem', certificatePem(other));
});

const pathOf = (name: string) => `${bench.folder}/${name}`;
const receiptFile = (index: number) => bench.file(`receipt-${index}`, log.receipt(index));

describe('ct-verify receipt', () => {
  it('proves that a certificate was issued, given the certificate', async () => {
    const facts = {
      status: 0,
      type: 'certificate issued',
      common_name: 'Zoë',
      kind: 'user',
      serial_number: issued.serial.toString('hex').toUpperCase(),
      fingerprint: issued.fingerprint.toString('hex'),
      not_before: '2025-01-02T03:04:05.000Z',
      not_after: '2025-01-03T03:04:05.000Z',
      index: 0,
      logged_at: '2025-01-02T03:04:05.000Z',
      log_size: 5,
    };
    const der = bench.file('issued.der', issued.der);
    for (const certificate of [pathOf('issued.pem'), der]) {
      expect(await bench.json('receipt', receiptFile(0), '--certificate', certificate)).toMatchObject(facts);
    }
  });

  it('proves the entries of the other types by themselves', async () => {
    const fingerprint = issued.fingerprint.toString('hex');
    expect(await bench.json('receipt', receiptFile(1))).toMatchObject({ status: 0, fingerprint, reason_code: 4 });
    expect(await bench.json('receipt', receiptFile(2))).toMatchObject({ status: 0, crl_number: 7 });
    expect(await bench.json('receipt', receiptFile(3))).toMatchObject({ status: 0, verifier_key: newKey });
  });

  it('says which certificate is missing, and does not call that a fault', async () => {
    const { status, stdout, stderr } = await bench.run('receipt', receiptFile(0));
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^Cannot tell: .*--certificate\.\n$/);
  });

  it('refuses a receipt with any bit changed', async () => {
    const receipt = Buffer.from(log.receipt(0));
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: receipt.length * 8 - 1 }), async (bit) => {
        const file = bench.file('flipped', flipBit(receipt, bit));
        const { status } = await bench.run('receipt', file, '--certificate', pathOf('issued.pem'));
        expect(status).toBe(1);
      }),
      { numRuns: 400 },
    );
  });

  it('refuses a certificate with any bit changed', async () => {
    const file = receiptFile(0);
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: issued.der.length * 8 - 1 }), async (bit) => {
        const certificate = bench.file('flipped.der', flipBit(issued.der, bit));
        expect((await bench.run('receipt', file, '--certificate', certificate)).status).toBe(1);
      }),
    );
  });

  it.each([
    ['of another certificate', 0, 'other.pem', 'malformed_leaf'],
    ['of the revocation of another certificate', 1, 'other.pem', 'other_certificate'],
    ['of a CRL with a certificate', 2, 'issued.pem', 'other_certificate'],
  ])('refuses one %s', async (_, index, certificate, code) => {
    expect(await bench.json('receipt', receiptFile(index), '--certificate', pathOf(certificate))).toMatchObject({
      status: 1,
      verdict: 'refuted',
      code,
    });
  });

  it('proves the revocation of the very certificate', async () => {
    expect((await bench.run('receipt', receiptFile(1), '--certificate', pathOf('issued.pem'))).status).toBe(0);
  });

  it('refuses a receipt that does not say what the entry is', async () => {
    const { index, proof, checkpoint } = parseReceipt(log.receipt(1));
    const file = bench.file('bare', printReceipt({ index, proof, checkpoint }));
    expect(await bench.json('receipt', file)).toMatchObject({ status: 1, code: 'malformed_receipt' });
  });

  it.each<[string, Partial<IssuedLeaf>]>([
    ['common name', { commonName: 'Eve' }],
    ['serial number', { serial: Buffer.alloc(20, 1) }],
    ['beginning of validity', { notBefore: 1 }],
    ['end of validity', { notAfter: Number.MAX_SAFE_INTEGER }],
  ])('refuses a log that signed another %s than the certificate has', async (what, change) => {
    const lying = new TestLog(log.signer);
    lying.append({ ...issued, ...change });
    const file = bench.file('lying', lying.receipt(0));
    const { status, stdout } = await bench.run('receipt', file, '--certificate', pathOf('issued.pem'));
    expect(status).toBe(1);
    expect(stdout).toBe(`Not verified: the entry gives another ${what} than its certificate.\n`);
  });

  it('refuses what is no certificate, though the log holds it', async () => {
    const odd = new TestLog(log.signer);
    const der = Buffer.from('no certificate');
    odd.append(encodeLeaf({ ...issued, der, fingerprint: sha256(der) }));
    const file = bench.file('odd', odd.receipt(0));
    expect(await bench.json('receipt', file, '--certificate', bench.file('odd.der', der))).toMatchObject({
      status: 1,
      code: 'malformed_certificate',
    });
  });
});
