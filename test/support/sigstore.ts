import type { TLogEntryWithInclusionProof } from '@sigstore/bundle';
import { verifyCheckpoint } from '@sigstore/verify/dist/tlog/checkpoint';
import { verifyMerkleInclusion } from '@sigstore/verify/dist/tlog/merkle';
import { parseReceipt, parseVerifierKey } from '@libs/tlog';

/**
 * Proves a leaf with the Merkle and checkpoint code of sigstore, which shares none with ours.
 * @throws VerificationError
 */
export function verifyWithSigstore(receiptText: string, leaf: Buffer, verifierKey: string): void {
  const { index, proof, checkpoint } = parseReceipt(receiptText);
  const key = parseVerifierKey(verifierKey);
  const entry: TLogEntryWithInclusionProof = {
    logIndex: String(index),
    logId: { keyId: Buffer.from(key.keyId, 'hex') },
    kindVersion: { kind: '', version: '' },
    integratedTime: '0',
    inclusionPromise: undefined,
    inclusionProof: {
      logIndex: String(index),
      // Size and root are taken from the checkpoint.
      treeSize: '0',
      rootHash: Buffer.alloc(0),
      hashes: [...proof],
      checkpoint: { envelope: checkpoint },
    },
    canonicalizedBody: leaf,
  };
  const log = {
    logID: Buffer.from(key.keyId, 'hex'),
    baseURL: `https://${key.name}`,
    publicKey: key.publicKey,
    validFor: { start: new Date(0), end: new Date(8.64e15) },
  };
  verifyMerkleInclusion(entry, verifyCheckpoint(entry, [log]));
}
