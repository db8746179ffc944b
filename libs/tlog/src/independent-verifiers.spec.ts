import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLogEntryWithInclusionProof } from '@sigstore/bundle';
import { verifyCheckpoint } from '@sigstore/verify/dist/tlog/checkpoint';
import { verifyMerkleInclusion } from '@sigstore/verify/dist/tlog/merkle';
import { buildGoVerifier, generateGolden } from '../../../test/golden/tlog/go-verifier';
import { encodeLeaf } from './leaf';
import { generateNoteKey, printVerifierKey } from './note-keys';
import { parseNote } from './note';
import { printReceipt, type Receipt } from './receipt';
import { issuedLeafAbout, receiptFor } from './receipt.fixture';
import { toComments } from './receipt-comments';

const signer = generateNoteKey('log.example/independent');
const der = Buffer.from('any bytes stand for a certificate here');
const issued = issuedLeafAbout(der);
const SIZE = 71;
const makeReceipt = (index: number) => receiptFor(issued, index, SIZE, signer);

describe('@sigstore/verify', () => {
  /** The parts of a sigstore log entry that its Merkle and checkpoint checks read. */
  function sigstoreEntry(receipt: Receipt, leaf: Buffer): TLogEntryWithInclusionProof {
    const inclusionProof = {
      logIndex: String(receipt.index),
      treeSize: String(SIZE),
      rootHash: Buffer.alloc(0),
      hashes: [...receipt.proof],
      checkpoint: { envelope: receipt.checkpoint },
    };
    return {
      logIndex: String(receipt.index),
      logId: { keyId: Buffer.from(signer.keyId, 'hex') },
      kindVersion: { kind: '', version: '' },
      integratedTime: '0',
      inclusionPromise: undefined,
      inclusionProof,
      canonicalizedBody: leaf,
    };
  }

  const authority = {
    // The first four bytes have to be the key id, by which sigstore finds the log.
    logID: Buffer.from(signer.keyId, 'hex'),
    baseURL: `https://${signer.name}`,
    publicKey: signer.verifier.publicKey,
    validFor: { start: new Date(0), end: new Date(8.64e15) },
  };

  it.each([0, 5, 64, 70])('accepts checkpoint and inclusion of entry %i', (index) => {
    const entry = sigstoreEntry(makeReceipt(index), encodeLeaf(issued));
    const checkpoint = verifyCheckpoint(entry, [authority]);
    expect(checkpoint.logSize).toBe(BigInt(SIZE));
    expect(() => verifyMerkleInclusion(entry, checkpoint)).not.toThrow();
  });

  it('refuses another leaf and another checkpoint', () => {
    const receipt = makeReceipt(5);
    const entry = sigstoreEntry(receipt, Buffer.of(1));
    expect(() => verifyMerkleInclusion(entry, verifyCheckpoint(entry, [authority]))).toThrow(/does not match/);
    const forged = { ...receipt, checkpoint: receipt.checkpoint.replace(`\n${SIZE}\n`, '\n72\n') };
    expect(() => verifyCheckpoint(sigstoreEntry(forged, encodeLeaf(issued)), [authority])).toThrow(/signature/);
  });
});

describe('openssl', () => {
  it('accepts the signature of a checkpoint', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tlog-openssl-'));
    try {
      const { text, signatures } = parseNote(makeReceipt(3).checkpoint);
      writeFileSync(join(folder, 'text'), text);
      writeFileSync(join(folder, 'signature'), signatures[0]?.signature ?? '');
      writeFileSync(join(folder, 'key.pem'), signer.verifier.publicKey.export({ format: 'pem', type: 'spki' }));
      const options = ['-verify', '-pubin', '-inkey', 'key.pem', '-rawin', '-in', 'text', '-sigfile', 'signature'];
      expect(execFileSync('openssl', ['pkeyutl', ...options], { cwd: folder, encoding: 'utf8' })).toMatch(/Success/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

const goVerifier = buildGoVerifier();

// Go's packages come from a Debian package, which not every developer's machine has; CI must.
if (goVerifier !== undefined) {
  describe("Go's transparency log packages", () => {
    const folder = mkdtempSync(join(tmpdir(), 'tlog-go-'));
    const key = printVerifierKey(signer.verifier);
    const run = (...args: string[]) => spawnSync(goVerifier, ['-key', key, ...args], { encoding: 'utf8' });
    const file = (name: string, content: string | Buffer) => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    };
    const pem = `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`;
    const receipt = makeReceipt(65);
    const profile = `client\n${toComments(printReceipt(receipt))}<cert>\n${pem}</cert>\n`;

    afterAll(() => rmSync(folder, { recursive: true }));

    it('still make the golden file that is checked in', () => {
      expect(generateGolden()).toBe(readFileSync('test/golden/tlog/golden.json', 'utf8'));
    });

    it('accept a receipt', () => {
      const leaf = file('leaf', encodeLeaf(issued));
      const result = run('-receipt', file('receipt', printReceipt(receipt)), '-leaf', leaf);
      expect(result).toMatchObject({ status: 0, stdout: `verified: entry 65 in a log of ${SIZE} entries\n` });
    });

    it('accept a profile that carries its receipt', () => {
      expect(run('-profile', file('profile', profile))).toMatchObject({ status: 0, stderr: '' });
    });

    it('refuse another certificate, index, key and leaf', () => {
      const otherPem = profile.replace(der.toString('base64'), Buffer.from('another').toString('base64'));
      expect(run('-profile', file('other-certificate', otherPem)).status).toBe(1);
      expect(run('-profile', file('other-index', profile.replace('# index 65', '# index 64'))).status).toBe(1);
      const otherKey = printVerifierKey(generateNoteKey(signer.name).verifier);
      expect(run('-profile', file('profile', profile), '-key', otherKey).status).toBe(1);
      const leaf = file('other-leaf', Buffer.of(1));
      expect(run('-receipt', file('receipt', printReceipt(receipt)), '-leaf', leaf).status).toBe(1);
    });
  });
}
