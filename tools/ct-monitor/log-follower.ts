import { decodeLeaf, type Frontier, type Leaf, leafHash, type RevokedLeaf, TILE_WIDTH, TlogError } from '@libs/tlog';
import { assertLeafAgrees } from '../ct-verify/certificate';
import { Refuted } from '../ct-verify/verdict';
import { type Alarm, Alarming, alarming } from './alarm';
import { IssuedCertificates, type Tree } from './issued-certificates';
import type { LogSource } from './log-source';
import type { Growth, LoggedCrl, LoggedRevocation, MonitorState } from './monitor-state';

/** The new entries as they are read. */
interface Reading {
  readonly revoked: { readonly index: number; readonly leaf: RevokedLeaf }[];
  readonly crls: LoggedCrl[];
  readonly alarms: Alarm[];
}

/** Reads every entry of the log once, and believes them when they lead to the root that the log has signed. */
export class LogFollower {
  private issued: IssuedCertificates | undefined;

  constructor(private readonly source: LogSource) {}

  /** What the new entries say. @throws Alarming when they are not those that were signed */
  async follow(state: MonitorState, tree: Tree): Promise<Omit<Growth, 'checkpoint'>> {
    // A follow that failed may have left entries there that are going to be read again.
    const issued = this.issued ?? new IssuedCertificates(state.frontier.size, this.source);
    this.issued = undefined;
    const frontier = state.frontier.clone();
    const reading: Reading = { revoked: [], crls: [], alarms: [] };
    await this.read(
      frontier,
      tree,
      (index, leaf) => {
        take(reading, index, leaf);
        issued.add(leaf?.type === 'issued' ? leaf : undefined);
      },
      reading.alarms,
    );
    if (!frontier.root().equals(tree.root)) {
      throw alarming('entries_differ', `the entries up to ${tree.size} do not lead to the root that was signed`);
    }
    const revocations = await resolve(reading, issued, tree);
    this.issued = issued;
    return { frontier, revocations, crls: reading.crls, alarms: reading.alarms };
  }

  /** Fetches a bundle ahead. */
  private async read(
    frontier: Frontier,
    { size }: Tree,
    onLeaf: (index: number, leaf: Leaf | undefined) => void,
    alarms: Alarm[],
  ): Promise<void> {
    let n = Math.floor(frontier.size / TILE_WIDTH);
    let next = frontier.size < size ? this.source.leaves(n, size) : undefined;
    while (next !== undefined) {
      const leaves = await readable(next);
      const first = n * TILE_WIDTH;
      n += 1;
      next = n * TILE_WIDTH < size ? this.source.leaves(n, size) : undefined;
      // Should this turn fail, nobody waits for the one that was begun.
      next?.catch(() => undefined);
      for (const bytes of leaves.slice(frontier.size - first)) {
        const index = frontier.size;
        frontier.append(leafHash(bytes));
        onLeaf(index, checked(index, bytes, alarms));
      }
      if (frontier.size < Math.min(size, n * TILE_WIDTH)) {
        throw alarming('entries_differ', `the entries from ${frontier.size} on are withheld`);
      }
    }
  }
}

async function readable(bundle: Promise<Buffer[]>): Promise<Buffer[]> {
  try {
    return await bundle;
  } catch (error) {
    if (error instanceof TlogError) throw alarming('entries_differ', `a bundle cannot be read: ${error.message}`);
    throw error;
  }
}

/** Undefined, and an alarm, for what must not stand in a log; its place in the tree it has all the same. */
function checked(index: number, bytes: Buffer, alarms: Alarm[]): Leaf | undefined {
  try {
    const leaf = decodeLeaf(bytes);
    if (leaf.type === 'issued') assertLeafAgrees(leaf);
    return leaf;
  } catch (error) {
    if (!(error instanceof TlogError || error instanceof Refuted)) throw error;
    alarms.push({ kind: 'entry_invalid', detail: `entry ${index}: ${error.message}` });
    return undefined;
  }
}

function take({ revoked, crls }: Reading, index: number, leaf: Leaf | undefined): void {
  if (leaf?.type === 'revoked') revoked.push({ index, leaf });
  if (leaf?.type !== 'crl') return;
  const { issuer, crlNumber: number, crlSha256 } = leaf;
  crls.push({ issuer: issuer.toString('hex'), number, sha256: crlSha256.toString('hex') });
}

async function resolve(
  { revoked, alarms }: Reading,
  issued: IssuedCertificates,
  tree: Tree,
): Promise<LoggedRevocation[]> {
  const revocations: LoggedRevocation[] = [];
  for (const { index, leaf } of revoked) {
    try {
      const facts = await issued.find(leaf.issuedIndex, tree);
      revocations.push({ issuer: leaf.issuer.toString('hex'), index, loggedAt: leaf.loggedAt, ...facts });
    } catch (error) {
      if (!(error instanceof Alarming)) throw error;
      alarms.push(error.alarm);
    }
  }
  return revocations;
}
