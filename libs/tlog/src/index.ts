export { TlogError, type TlogErrorCode } from './tlog-error';
export { EMPTY_ROOT, HASH_SIZE, leafHash, nodeHash, sha256 } from './merkle';
export { coveringNodes, foldSubtrees, type NodeId } from './subtrees';
export { Frontier, type NodeListener } from './frontier';
export {
  assembleProof,
  type NodeReader,
  planConsistency,
  planInclusion,
  type ProofPlan,
  proveConsistency,
  proveInclusion,
} from './proofs';
export { type ConsistencyClaim, type InclusionClaim, verifyConsistency, verifyInclusion } from './verification';
export {
  nodeFromTile,
  parseTilePath,
  printTilePath,
  TILE_HEIGHT,
  TILE_WIDTH,
  type TileId,
  TileNodeReader,
  tileOfNode,
  tilesForPlan,
  tileWidth,
} from './tiles';
export { type BuiltTile, TileBuilder } from './tile-builder';
export { decodeEntryBundle, encodeEntryBundle } from './entry-bundle';
export {
  Ed25519Signer,
  Ed25519Verifier,
  generateNoteKey,
  type NoteSigner,
  type NoteVerifier,
  parsePrivateKey,
  parseVerifierKey,
  printVerifierKey,
} from './note-keys';
export { type NoteSignature, type OpenedNote, openNote, parseNote, printNote, type SignedNote, signNote } from './note';
export {
  type Checkpoint,
  openCheckpoint,
  parseCheckpoint,
  printCheckpoint,
  readCheckpointUnverified,
  signCheckpoint,
} from './checkpoint';
export { type LeafSource, parseReceipt, printReceipt, type ProvenEntry, type Receipt, verifyReceipt } from './receipt';
export { COMMENT_WIDTH, fromComments, toComments } from './receipt-comments';
export {
  type CertificateKind,
  type CrlLeaf,
  decodeLeaf,
  encodeLeaf,
  type IssuedLeaf,
  type KeyRotationLeaf,
  type Leaf,
  leafExtra,
  leafTypeOf,
  MAX_LEAF_BYTES,
  NO_COMMITMENT,
  rebuildLeaf,
  type RevokedLeaf,
} from './leaf';
export {
  actorCommitment,
  canonicalJson,
  commitment,
  commitmentToJson,
  type ContextValue,
  type PrivateContext,
} from './private-context';
