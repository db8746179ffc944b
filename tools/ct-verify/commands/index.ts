import type { Command } from '../command';
import { checkpoint } from './checkpoint';
import { consistency } from './consistency';
import { exported } from './export';
import { profile } from './profile';
import { receipt } from './receipt';

/** By the word that calls them, in the order of the help. */
export const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ['profile', profile],
  ['receipt', receipt],
  ['checkpoint', checkpoint],
  ['consistency', consistency],
  ['export', exported],
]);
