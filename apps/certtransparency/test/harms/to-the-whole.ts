import { commitmentToJson, generateNoteKey, type Leaf, NO_COMMITMENT } from '@libs/tlog';
import { writeBatches } from '../log-content';
import type { WrittenEntry } from '../log-writer';
import type { Tampering } from '../tamper-fixture';
import { deleteFrom, EVERYTHING, type Harm } from './harm';

type Batches = Tampering['content']['batches'];

/** The same log without one certificate, or with other entries, as if it had always been so. */
async function rewrite(
  { client, url }: Tampering,
  signer: Tampering['stolenKey'],
  batches: readonly (readonly WrittenEntry[])[],
): Promise<void> {
  await client.query(`TRUNCATE ${EVERYTHING}`);
  await writeBatches(url, signer, batches);
}

function withoutEntry(batches: Batches, index: number): WrittenEntry[][] {
  const left = batches.flat().filter((entry, i) => i !== index && entry.leaf.type !== 'revoked');
  return [left.slice(0, 100), left.slice(100)];
}

function withLeaves(batches: Batches, change: (leaf: Leaf) => Leaf): WrittenEntry[][] {
  return batches.map((batch) => batch.map((entry) => ({ ...entry, leaf: change(entry.leaf) })));
}

/** The gate does not read X.509: whoever has the key can log a name that the certificate has not. */
function renamed(leaf: Leaf): Leaf {
  const isMeant = leaf.type === 'issued' && leaf.commonName === 'user-22@example.org';
  return isMeant ? { ...leaf, commonName: 'somebody.else@example.org' } : leaf;
}

/** Whoever opens the commitment learns nothing of the actor any more. */
function anonymous(leaf: Leaf): Leaf {
  return leaf.type === 'revoked' ? { ...leaf, actorCommitment: Buffer.from(NO_COMMITMENT) } : leaf;
}

function respelled(entry: WrittenEntry): WrittenEntry {
  const { leaf, salt, context } = entry;
  if (leaf.type !== 'revoked' || salt === undefined || context === undefined) return entry;
  const spelled = context.replace(':', ': ');
  return { salt, context: spelled, leaf: { ...leaf, commitment: commitmentToJson(salt, spelled) } };
}

/** Two certificates in each other's place, each with the time of the place. */
function exchanged(batches: Batches): WrittenEntry[][] {
  const [first, second] = [batches[4]?.[0], batches[4]?.[1]];
  if (first === undefined || second === undefined) throw new Error('there are no certificates');
  const moved = [
    { ...second, leaf: { ...second.leaf, loggedAt: first.leaf.loggedAt } },
    { ...first, leaf: { ...first.leaf, loggedAt: second.leaf.loggedAt } },
  ];
  return batches.map((batch, i) => (i === 4 ? [...moved, ...batch.slice(2)] : [...batch]));
}

export const HARMS_TO_THE_WHOLE: readonly Harm[] = [
  {
    name: 'rewrite everything with another key',
    how: (lab) => rewrite(lab, generateNoteKey('log.test/tamper'), withoutEntry(lab.content.batches, 10)),
    finds: ['ct.checkpoint note_unverified'],
    kept: 'log_shrunk',
  },
  {
    name: 'rewrite everything with the stolen key, one certificate less',
    how: (lab) => rewrite(lab, lab.stolenKey, withoutEntry(lab.content.batches, 10)),
    finds: [],
    kept: 'log_shrunk',
  },
  {
    name: 'rewrite everything with the stolen key, as long as it was',
    how: (lab) => rewrite(lab, lab.stolenKey, exchanged(lab.content.batches)),
    finds: [],
    kept: 'log_rewritten',
  },
  {
    name: 'rewrite everything with the stolen key and a name that a certificate has not',
    how: (lab) => rewrite(lab, lab.stolenKey, withLeaves(lab.content.batches, renamed)),
    finds: ['ct.entry fields_differ'],
    kept: 'log_rewritten',
  },
  {
    name: 'rewrite everything with the stolen key and hide who revoked',
    how: (lab) => rewrite(lab, lab.stolenKey, withLeaves(lab.content.batches, anonymous)),
    finds: ['ct.private_context actor_differs'],
    kept: 'log_rewritten',
  },
  {
    name: 'rewrite everything with the stolen key and a context that is not canonical',
    how: (lab) =>
      rewrite(
        lab,
        lab.stolenKey,
        lab.content.batches.map((batch) => batch.map(respelled)),
      ),
    finds: ['ct.private_context context_malformed'],
    kept: 'log_rewritten',
  },
  {
    name: 'cut the tail off',
    how: `${deleteFrom('idx >= 200')}; DELETE FROM ct.tile; DELETE FROM ct.checkpoint WHERE size > 200`,
    finds: [],
    kept: 'log_shrunk',
  },
  {
    name: 'cut the tail off and leave the checkpoints',
    how: `${deleteFrom('idx >= 200')}; DELETE FROM ct.tile`,
    finds: ['ct.checkpoint log_shrunk'],
    kept: 'log_shrunk',
  },
  { name: 'empty the log', how: `TRUNCATE ${EVERYTHING}`, finds: [], kept: 'log_shrunk' },
];
