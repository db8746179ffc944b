import { decodeBase64 } from './base64';
import { assertKeyName, type NoteSigner, type NoteVerifier } from './note-keys';
import { TlogError } from './tlog-error';

export interface NoteSignature {
  readonly name: string;
  /** Eight hexadecimal digits. */
  readonly keyId: string;
  readonly signature: Buffer;
}

export interface SignedNote {
  /** Ends with a newline; the blank line before the signatures is not part of it. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

export interface OpenedNote {
  readonly text: string;
  /** Signatures of known keys, each of which has been checked. Never empty. */
  readonly verified: readonly NoteSignature[];
  readonly unknown: readonly NoteSignature[];
}

const SIGNATURE_PREFIX = '\u2014 ';
const KEY_ID_BYTES = 4;
// The standard asks for at least 16; a bound keeps a hostile note from costing more than its reading.
const MAX_SIGNATURES = 100;

function malformed(reason: string): TlogError {
  return new TlogError('malformed_note', reason);
}

function assertNoteCharacters(note: string): void {
  for (const char of note) {
    const code = char.codePointAt(0) ?? 0;
    if (code < 0x20 && char !== '\n') throw malformed('a note must not hold control characters');
    if (code >= 0xd800 && code <= 0xdfff) throw malformed('a note must be valid Unicode');
  }
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw malformed('a note must be valid UTF-8');
  }
}

function parseSignature(line: string): NoteSignature {
  const [, name, base64] = /^\u2014 ([^ ]+) ([^ ]+)$/.exec(line) ?? [];
  if (name === undefined || base64 === undefined) throw malformed('a signature line is malformed');
  try {
    assertKeyName(name);
  } catch {
    throw malformed('a signature line has a malformed name');
  }
  const bytes = decodeBase64(base64, 'malformed_note', 'a signature');
  if (bytes.length <= KEY_ID_BYTES) throw malformed('a signature is too short');
  return {
    name,
    keyId: bytes.subarray(0, KEY_ID_BYTES).toString('hex'),
    signature: bytes.subarray(KEY_ID_BYTES),
  };
}

/** Takes a note apart (C2SP signed-note) without checking a signature: trust nothing in it before `openNote`. */
export function parseNote(note: string | Uint8Array): SignedNote {
  const whole = typeof note === 'string' ? note : decodeUtf8(note);
  assertNoteCharacters(whole);
  const blank = whole.lastIndexOf('\n\n');
  if (blank < 0 || !whole.endsWith('\n')) throw malformed('a note must end with a blank line and signatures');
  const lines = whole.slice(blank + 2, -1).split('\n');
  if (lines.length > MAX_SIGNATURES) throw malformed('a note has too many signatures');
  return { text: whole.slice(0, blank + 1), signatures: lines.map(parseSignature) };
}

export function printNote({ text, signatures }: SignedNote): string {
  if (!text.endsWith('\n')) throw malformed('the text of a note must end with a newline');
  if (signatures.length === 0) throw malformed('a note must have a signature');
  const lines = signatures.map(({ name, keyId, signature }) => {
    assertKeyName(name);
    return `${SIGNATURE_PREFIX}${name} ${Buffer.concat([Buffer.from(keyId, 'hex'), signature]).toString('base64')}\n`;
  });
  const note = `${text}\n${lines.join('')}`;
  assertNoteCharacters(note);
  return note;
}

/** Signs a text, which must end with a newline, with every signer in order. */
export function signNote(text: string, signers: readonly NoteSigner[]): string {
  const bytes = Buffer.from(text);
  return printNote({
    text,
    signatures: signers.map((signer) => ({
      name: signer.name,
      keyId: signer.keyId,
      signature: signer.sign(bytes),
    })),
  });
}

/**
 * Parses a note and checks it: signatures of unknown keys are ignored, a bad one of a known key rejects the note
 * (`note_signature_invalid`), and so does the lack of any by a known key (`note_unverified`).
 */
export function openNote(note: string | Uint8Array, verifiers: readonly NoteVerifier[]): OpenedNote {
  const { text, signatures } = parseNote(note);
  const bytes = Buffer.from(text);
  const verified: NoteSignature[] = [];
  const unknown: NoteSignature[] = [];
  for (const signature of signatures) {
    const known = verifiers.filter(({ name, keyId }) => name === signature.name && keyId === signature.keyId);
    if (known.some((verifier) => !verifier.verify(bytes, signature.signature))) {
      throw new TlogError('note_signature_invalid', `the signature of ${signature.name} is invalid`);
    }
    (known.length > 0 ? verified : unknown).push(signature);
  }
  if (verified.length === 0) throw new TlogError('note_unverified', 'the note is not signed by a known key');
  return { text, verified, unknown };
}
