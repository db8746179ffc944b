import { createReadStream } from 'node:fs';
import { readOwnerOnlyFile } from './owner-only-files';
import { Refused } from './refused';
import type { HiddenInput } from './hidden-input';

/** Where a secret comes from. Never an argument or a variable: other users and crash reports see those. */
export type SecretSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'descriptor'; readonly descriptor: number }
  | { readonly kind: 'terminal' };

export interface SecretRequest {
  /** Names the secret in questions and refusals, as "the passphrase of the root". */
  readonly what: string;
  /** A secret that is chosen now is asked for twice. */
  readonly isNew: boolean;
}

const LONGEST = 4096;

/**
 * The secret: one line, of which the line break is cut off.
 * @param terminal undefined where nobody sits at one
 * @throws Refused
 */
export async function readSecret(
  source: SecretSource,
  request: SecretRequest,
  terminal: HiddenInput | undefined,
): Promise<string> {
  switch (source.kind) {
    case 'file':
      return oneLine(await readOwnerOnlyFile(source.path, LONGEST), request);
    case 'descriptor':
      return oneLine(await readDescriptor(source.descriptor, request), request);
    case 'terminal':
      return oneLine(await ask(request, terminal), request);
  }
}

/** The source that the options name; the terminal where they name none. @throws Refused */
export function secretSource(options: {
  readonly file: string | undefined;
  readonly descriptor: string | undefined;
  readonly what: string;
}): SecretSource {
  const { file, descriptor, what } = options;
  if (file !== undefined && descriptor !== undefined) {
    throw new Refused(`Give a file or a descriptor for ${what}, not both.`);
  }
  if (file !== undefined) return { kind: 'file', path: file };
  if (descriptor === undefined) return { kind: 'terminal' };
  if (!/^\d{1,4}$/.test(descriptor)) throw new Refused(`The descriptor for ${what} is not a number.`);
  return { kind: 'descriptor', descriptor: Number(descriptor) };
}

function oneLine(text: string, { what }: SecretRequest): string {
  const line = text.replace(/\r?\n$/, '');
  if (line === '') throw new Refused(`There is nothing where ${what} should be.`);
  if (/\p{Cc}/u.test(line)) throw new Refused(`What was given for ${what} has several lines or control characters.`);
  return line;
}

async function ask(request: SecretRequest, terminal: HiddenInput | undefined): Promise<string> {
  const { what, isNew } = request;
  if (terminal === undefined) {
    throw new Refused(`There is no terminal to ask for ${what}: give it in a file or by a descriptor.`);
  }
  const secret = await terminal.ask(`Type ${what}: `);
  if (isNew && (await terminal.ask('The same again: ')) !== secret) {
    throw new Refused(`Twice something else was typed for ${what}.`);
  }
  return secret;
}

async function readDescriptor(descriptor: number, { what }: SecretRequest): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of createReadStream('', { fd: descriptor, autoClose: descriptor > 2 })) {
      const bytes = Buffer.from(chunk as Uint8Array);
      chunks.push(bytes);
      length += bytes.length;
      if (length > LONGEST) break;
    }
  } catch (error) {
    throw new Refused(`Descriptor ${descriptor}, which should give ${what}, cannot be read.`, { cause: error });
  }
  if (length > LONGEST) throw new Refused(`What descriptor ${descriptor} gives for ${what} is too long.`);
  return Buffer.concat(chunks).toString('utf8');
}
