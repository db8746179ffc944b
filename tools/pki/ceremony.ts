import type { Clock } from '@libs/http';
import { randomBytes } from 'node:crypto';
import { readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { assertOwnerOnly, createFile, createFolder, syncFolder } from '../cli/owner-only-files';
import { Refused, codeOf } from '../cli/refused';
import type { CeremonyPlan } from './ceremony-plan';
import type { Fact } from './facts';
import type { Passphrases } from './passphrases';
import { toolVersion } from './tool-version';
import { type FileRecord, type Transcript, fileRecord, transcriptJson, transcriptText } from './transcript';

/** The world of a ceremony. */
export interface CeremonySurroundings {
  readonly clock: Clock;
  readonly passphrases: Passphrases;
  readonly rehearsal: boolean;
}

/**
 * One step of a ceremony: remembers what it reads and makes, and puts all that it makes into place as one folder, by one rename.
 * Nothing that is there already is touched; what fails leaves nothing behind.
 */
export class Ceremony {
  private readonly inputs = new Map<string, FileRecord>();
  private readonly outputs = new Map<string, Buffer>();
  private readonly facts: Fact[] = [];
  private readonly notes: string[] = [];
  readonly began: Date;
  /** Where everything of this ceremony stands; a rehearsal has a folder of its own. */
  readonly folder: string;

  constructor(
    readonly command: string,
    readonly plan: CeremonyPlan,
    readonly surroundings: CeremonySurroundings,
  ) {
    this.began = surroundings.clock.now();
    this.folder = surroundings.rehearsal ? `${plan.output}.rehearsal` : plan.output;
  }

  /** Reads a file and records it. @throws Refused */
  async read(path: string): Promise<Buffer> {
    try {
      const content = await readFile(path);
      this.inputs.set(path, fileRecord(path, content));
      return content;
    } catch (error) {
      throw new Refused(`${path} ${codeOf(error) === 'ENOENT' ? 'is missing' : 'cannot be read'}.`, { cause: error });
    }
  }

  /** Remembers a file to be made, by its name in the folder that is to be made. */
  make(name: string, content: string | Buffer): void {
    this.outputs.set(name, Buffer.from(content));
  }

  record(...facts: readonly Fact[]): void {
    this.facts.push(...facts);
  }

  note(...notes: readonly string[]): void {
    this.notes.push(...notes);
  }

  /** @throws Refused when `path` (inside the output folder) is there already */
  async assertAbsent(path: string): Promise<void> {
    try {
      await stat(join(this.folder, path));
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return;
      throw error;
    }
    throw new Refused(`${join(this.folder, path)} is there already: nothing is overwritten.`);
  }

  /**
   * Writes what was made as the folder `path` of the output folder, with the transcript beside it. The transcript is on the disk
   * first: there is never a key without its record. Answers the path of the transcript for people.
   */
  async finish(path: string): Promise<string> {
    await this.assertAbsent(path);
    await createFolder(this.folder);
    await assertOwnerOnly(this.folder);
    const target = join(this.folder, path);
    const staging = join(this.folder, `.${randomBytes(6).toString('hex')}`);
    try {
      await this.stage(staging);
      await createFolder(dirname(target));
      const written = await this.writeTranscript(path);
      await rename(staging, target).catch(async (error: unknown) => {
        for (const file of written) await rm(file, { force: true });
        if (codeOf(error) === 'ENOTEMPTY' || codeOf(error) === 'EEXIST') {
          throw new Refused(`${target} is there already: nothing is overwritten.`, { cause: error });
        }
        throw error;
      });
      await syncFolder(dirname(target));
      return written[1];
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
  }

  /** A transcript alone, of a step that makes nothing else. */
  async finishWithoutOutput(): Promise<string> {
    await createFolder(this.folder);
    await assertOwnerOnly(this.folder);
    return (await this.writeTranscript(''))[1];
  }

  private async stage(staging: string): Promise<void> {
    await createFolder(staging);
    for (const [name, content] of this.outputs) {
      await createFolder(dirname(join(staging, name)));
      await createFile(join(staging, name), content);
    }
    const entries = await readdir(staging, { recursive: true, withFileTypes: true });
    const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
    for (const folder of [...folders, staging]) await syncFolder(folder);
  }

  private async writeTranscript(path: string): Promise<[json: string, text: string]> {
    const outputs = [...this.outputs].map(([name, content]) => fileRecord(join(path, name), content));
    const transcript = this.transcript(outputs);
    const json = transcriptJson(transcript);
    const folder = join(this.folder, 'transcripts');
    await createFolder(folder);
    const stem = join(folder, `${transcript.ended_at.replace(/[-:.]/g, '')}-${this.command}`);
    const names: [string, string] = [`${stem}.json`, `${stem}.txt`];
    await createFile(names[0], json);
    await createFile(names[1], transcriptText(transcript, json));
    await syncFolder(folder);
    return names;
  }

  private transcript(outputs: readonly FileRecord[]): Transcript {
    const { clock, rehearsal } = this.surroundings;
    const { path, sha256, bytes } = this.plan;
    return {
      format: 'openvpn-manager-ceremony-v1',
      command: this.command,
      rehearsal,
      began_at: this.began.toISOString(),
      ended_at: clock.now().toISOString(),
      tool: { ...toolVersion(), node: process.versions.node, openssl: process.versions.openssl },
      machine: { host: hostname(), user: userInfo().username },
      output_folder: this.folder,
      ceremony_file: { path, bytes, sha256 },
      inputs: [...this.inputs.values()].map((record) => ({ ...record, path: this.shortened(record.path) })),
      outputs,
      facts: this.facts,
      notes: this.notes,
    };
  }

  /** What stands in the output folder is named from there, as among the outputs. */
  private shortened(path: string): string {
    const inside = relative(this.folder, path);
    return inside.startsWith('..') ? path : inside;
  }
}
