import { signCheckpoint } from './checkpoint';
import { Frontier } from './frontier';
import { encodeLeaf, type IssuedLeaf, leafExtra, NO_COMMITMENT } from './leaf';
import { leafHash, sha256 } from './merkle';
import type { NoteSigner } from './note-keys';
import { assembleProof, planInclusion } from './proofs';
import type { Receipt } from './receipt';

/** For specs: a leaf about bytes that stand for a certificate. */
export function issuedLeafAbout(der: Buffer): IssuedLeaf {
  return {
    type: 'issued',
    loggedAt: 1_700_000_000_000,
    issuer: sha256(Buffer.from('issuer')),
    fingerprint: sha256(der),
    commitment: Buffer.from(NO_COMMITMENT),
    kind: 'user',
    serial: Buffer.alloc(20, 5),
    notBefore: 1,
    notAfter: 2,
    commonName: 'Zoë',
    der,
  };
}

/** For specs: the receipt of a leaf at `index` in a log of `size` entries, the others of which are single bytes. */
export function receiptFor(leaf: IssuedLeaf, index: number, size: number, signer: NoteSigner): Receipt {
  const nodes = new Map<string, Buffer>();
  const frontier = Frontier.empty();
  for (let i = 0; i < size; i += 1) {
    const bytes = i === index ? encodeLeaf(leaf) : Buffer.of(i);
    frontier.append(leafHash(bytes), (node, hash) => nodes.set(`${node.level}/${node.index}`, hash));
  }
  const checkpoint = signCheckpoint({ origin: signer.name, size, root: frontier.root() }, [signer]);
  const proof = assembleProof(
    planInclusion(index, size),
    (node) => nodes.get(`${node.level}/${node.index}`) ?? Buffer.of(),
  );
  return { extra: leafExtra(leaf), index, proof, checkpoint };
}
