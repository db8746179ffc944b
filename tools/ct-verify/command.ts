import type { NoteVerifier } from '@libs/tlog';
import type { Verification } from './verdict';

/** The options that some commands have and others have not. */
export interface CommandOptions {
  readonly certificate?: string;
  readonly proof?: string;
  readonly checkpoint?: readonly string[];
}

/** What a command works with: files by the names that were given, keys that have been read. */
export interface CommandRequest {
  readonly files: readonly string[];
  readonly options: CommandOptions;
  readonly verifiers: readonly NoteVerifier[];
  /** Told now and then how far a long check has got; the text is a few words. */
  readonly onProgress: (text: string) => void;
}

export interface Command {
  /** As in `usage: ct-verify …`. */
  readonly synopsis: string;
  /** A line of help. */
  readonly purpose: string;
  /** How many files it takes. */
  readonly files: number;
  readonly options: readonly (keyof CommandOptions)[];
  /** @throws Refuted, CannotTell, and TlogError, which counts as refuted */
  run(request: CommandRequest): Promise<Verification>;
}

/** The only or first file; the command line has counted them. */
export function fileAt(files: readonly string[], position: number): string {
  const file = files[position];
  if (file === undefined) throw new Error('the command line let a call without its files pass');
  return file;
}
