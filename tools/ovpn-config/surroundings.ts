import type { Variables } from '@libs/config';
import type { HiddenInput } from '../cli/hidden-input';

/** The world of a run. */
export interface Surroundings {
  readonly environment: Variables;
  readonly stdout: (content: string | Uint8Array) => void;
  readonly stderr: (text: string) => void;
  /** Whether somebody watches standard error: then it is told how far things have got. */
  readonly isWatched: boolean;
  /** Undefined where nobody sits at one. */
  readonly terminal: HiddenInput | undefined;
  /** Shows a page to the person, or fails silently: its address is told as well. */
  readonly openBrowser: (url: string) => void;
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
  readonly hostName: string;
  /** Settings of the whole machine. */
  readonly systemFile: string;
}

/** Tells how far things have got; silent where nobody watches. */
export function progress({ isWatched, stderr }: Surroundings, text: string): void {
  if (isWatched) stderr(`${text}\n`);
}
