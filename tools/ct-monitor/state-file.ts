import { createHash } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Frontier, readCheckpointUnverified, TlogError } from '@libs/tlog';
import { CannotTell } from '../ct-verify/verdict';
import { isMissing } from '../ct-verify/input';
import type { Alarm } from './alarm';
import { type LoggedCrl, type LoggedRevocation, MonitorState } from './monitor-state';

const FORMAT = 'openvpn-manager-monitor-v1';

interface StoredState {
  readonly format: string;
  readonly checkpoint: string;
  readonly frontier: string;
  readonly revocations: readonly LoggedRevocation[];
  readonly crls: readonly LoggedCrl[];
  readonly alarms: readonly Alarm[];
}

/** Where the monitor's memory outlives it. Whoever can write there decides what it believes: keep it from the log's host. */
export class StateFile {
  constructor(readonly path: string) {}

  /** The empty state when there is no file. @throws CannotTell when it is damaged */
  async load(): Promise<MonitorState> {
    try {
      return parsed(JSON.parse(await readFile(this.path, 'utf8')) as StoredState);
    } catch (error) {
      if (isMissing(error)) return MonitorState.empty();
      if (!(error instanceof SyntaxError || error instanceof TlogError || error instanceof TypeError)) throw error;
      throw new CannotTell(`${this.path} is damaged: ${error.message}`);
    }
  }

  async save(state: MonitorState): Promise<void> {
    const stored: StoredState = {
      format: FORMAT,
      checkpoint: state.checkpoint ?? '',
      frontier: state.frontier.serialize().toString('base64'),
      revocations: state.revocations,
      crls: state.crls,
      alarms: state.alarms,
    };
    await replaceFile(this.path, `${JSON.stringify(stored)}\n`);
  }

  /** Two checkpoints that contradict each other, beside the state; the same two are kept once. Answers the path. */
  async keepEvidence(kept: string, shown: string): Promise<string> {
    const name = createHash('sha256').update(kept).update(shown).digest('hex').slice(0, 16);
    const path = `${this.path}.evidence-${name}`;
    await replaceFile(path, `${kept}\n${shown}`);
    return path;
  }
}

function parsed({ format, checkpoint, frontier, revocations, crls, alarms }: StoredState): MonitorState {
  if (format !== FORMAT) throw new TypeError('it is not the state of a monitor');
  const { size, root } = readCheckpointUnverified(checkpoint);
  const edge = Frontier.deserialize(size, Buffer.from(frontier, 'base64'));
  if (!edge.root().equals(root)) throw new TypeError('its tree is not that of its checkpoint');
  return new MonitorState(checkpoint, edge, revocations, crls, alarms);
}

/** A reader and a crash see the old file or the new one, whole. */
async function replaceFile(path: string, content: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  const file = await open(temporary, 'w', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  const folder = await open(dirname(path));
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
