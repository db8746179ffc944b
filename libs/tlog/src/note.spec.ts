import fc from 'fast-check';
import golden from '../../../test/golden/tlog/golden.json';
import { openCheckpoint, parseCheckpoint, printCheckpoint, signCheckpoint } from './checkpoint';
import { openNote, parseNote, printNote, signNote } from './note';
import { generateNoteKey, parsePrivateKey, parseVerifierKey, printVerifierKey } from './note-keys';
import { TlogError } from './tlog-error';

// The example in the C2SP signed-note standard. Its text holds a blank line of its own.
const STANDARD_NOTE =
  'Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n' +
  '\u2014 quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n';

const name = fc.stringMatching(/^[a-z0-9./\u00e8_-]{1,40}$/);
const seedSigner = name.map((text) => generateNoteKey(text));
const text = fc.string({ unit: 'grapheme', maxLength: 200 }).map((line) => `${line.replace(/\p{Cc}/gu, '')}\n`);
const code = (expected: string) => expect.objectContaining({ code: expected }) as Error;

describe('note keys', () => {
  it('are the same after being printed and parsed', () => {
    fc.assert(
      fc.property(seedSigner, (signer) => {
        expect(parsePrivateKey(signer.printPrivateKey()).printPrivateKey()).toBe(signer.printPrivateKey());
        expect(printVerifierKey(parseVerifierKey(printVerifierKey(signer.verifier)))).toBe(
          printVerifierKey(signer.verifier),
        );
      }),
      { numRuns: 50 },
    );
  });

  it('sign exactly as Go does', () => {
    const signer = parsePrivateKey(golden.signed.privateKey);
    expect(printVerifierKey(signer.verifier)).toBe(golden.signed.verifierKey);
    expect(signNote(parseNote(golden.signed.note).text, [signer])).toBe(golden.signed.note);
  });

  it.each([
    ['another key id', golden.signed.verifierKey.replace('+c2', '+c3')],
    ['no key id', 'log.example+AUJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJC'],
    ['another name', `x${golden.signed.verifierKey}`],
    ['a space', golden.signed.verifierKey.replace('log', 'l g')],
    ['another type', golden.signed.verifierKey.replace('+ASFS', '+AiFS')],
    ['a line end', `${golden.signed.verifierKey}\n`],
  ])('are refused with %s', (_, key) => {
    expect(() => parseVerifierKey(key)).toThrow(code('malformed_key'));
  });

  it('never show a private key in an error', () => {
    const broken = golden.signed.privateKey.replace('+c21d', '+c22d');
    expect(() => parsePrivateKey(broken)).toThrow(expect.not.objectContaining({ message: /QkJC/ }) as Error);
    expect(JSON.stringify(parsePrivateKey(golden.signed.privateKey))).not.toContain('QkJC');
  });
});

describe('signed notes', () => {
  it('are the same after being parsed and printed', () => {
    expect(printNote(parseNote(STANDARD_NOTE))).toBe(STANDARD_NOTE);
    fc.assert(
      fc.property(text, seedSigner, (body, signer) => {
        const note = signNote(body, [signer]);
        expect(printNote(parseNote(note))).toBe(note);
        expect(openNote(note, [signer.verifier]).text).toBe(body);
      }),
      { numRuns: 50 },
    );
  });

  it('split text from signatures at the last blank line', () => {
    expect(parseNote(Buffer.from(STANDARD_NOTE)).text).toMatch(/^Ognuno[^]*sera\.\n$/);
  });

  const ours = generateNoteKey('log.example');
  const other = generateNoteKey('witness.example');

  it('ignore signatures of unknown keys, even of the same name', () => {
    const impostor = generateNoteKey('log.example');
    const opened = openNote(signNote('text\n', [impostor, ours, other]), [ours.verifier]);
    expect(opened.verified.map(({ keyId }) => keyId)).toEqual([ours.keyId]);
    expect(opened.unknown).toHaveLength(2);
  });

  it('are refused without a signature of a known key', () => {
    expect(() => openNote(signNote('text\n', [other]), [ours.verifier])).toThrow(code('note_unverified'));
  });

  it('are refused when a known key fails, whoever else signed', () => {
    const note = signNote('text\n', [ours, other]).replace('text', 'test');
    const resigned = printNote({
      ...parseNote(note),
      signatures: [...parseNote(note).signatures.slice(0, 1), ...parseNote(signNote('test\n', [other])).signatures],
    });
    expect(() => openNote(resigned, [ours.verifier, other.verifier])).toThrow(code('note_signature_invalid'));
  });

  const sound = signNote('text\n', [ours]);
  it.each([
    ['no signature', 'text\n\n'],
    ['no blank line', sound.replace('\n\n', '\n')],
    ['no final newline', sound.slice(0, -1)],
    ['a plain dash', sound.replace('\u2014', '-')],
    ['a carriage return', sound.replace('text', 'te\rxt')],
    ['a lone surrogate', sound.replace('text', 'te\ud800xt')],
    ['spelled-out base64', sound.replace(/\n$/, '=\n')],
    ['a tab in the name', sound.replace('log.example', 'log\texample')],
    ['a name with a plus', sound.replace('log.example', 'log+example')],
    ['101 signatures', sound + (sound.split('\n\n')[1] ?? '').repeat(100)],
  ])('are malformed with %s', (_, note) => {
    expect(() => parseNote(note)).toThrow(code('malformed_note'));
  });

  it('are malformed when they are not UTF-8', () => {
    expect(() => parseNote(Buffer.concat([Buffer.of(0xff), Buffer.from(sound)]))).toThrow(code('malformed_note'));
  });
});

describe('checkpoints', () => {
  const root = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes));

  it('are the same after being printed and parsed', () => {
    fc.assert(
      fc.property(name, fc.maxSafeNat(), root, (origin, size, hash) => {
        const checkpoint = { origin, size, root: hash };
        expect(parseCheckpoint(printCheckpoint(checkpoint))).toEqual(checkpoint);
      }),
    );
    const extended = { origin: 'o', size: 1, root: Buffer.alloc(32), extensions: ['more', ' and more'] };
    expect(parseCheckpoint(printCheckpoint(extended))).toEqual(extended);
  });

  it("made by Go open with Go's key", () => {
    const checkpoint = openCheckpoint(golden.signed.note, [parseVerifierKey(golden.signed.verifierKey)]);
    expect(checkpoint).toMatchObject({ origin: 'log.example/golden', size: 300 });
    expect(checkpoint.root.toString('base64')).toBe(golden.roots.at(-1)?.root);
  });

  it('count only with the signature of the key that their origin names', () => {
    const log = generateNoteKey('log.example');
    const witness = generateNoteKey('witness.example');
    const body = { origin: 'log.example', size: 1, root: Buffer.alloc(32) };
    expect(() => openCheckpoint(signNote(printCheckpoint(body), [witness]), [witness.verifier])).toThrow(TlogError);
    expect(() => signCheckpoint(body, [witness])).toThrow(TlogError);
    expect(openCheckpoint(signCheckpoint(body, [log, witness]), [log.verifier]).size).toBe(1);
  });

  const hash = Buffer.alloc(32).toString('base64');
  it.each([
    ['a leading zero', `o\n01\n${hash}\n`],
    ['a sign', `o\n+1\n${hash}\n`],
    ['an unsafe size', `o\n9007199254740993\n${hash}\n`],
    ['a short root', `o\n1\nAAAA\n`],
    ['loose base64', `o\n1\n${hash.slice(0, -1)}\n`],
    ['an empty origin', `\n1\n${hash}\n`],
    ['an empty extension', `o\n1\n${hash}\n\n`],
    ['no end', `o\n1\n${hash}`],
    ['two lines', `o\n1\n`],
  ])('are malformed with %s', (_, body) => {
    expect(() => parseCheckpoint(body)).toThrow(code('malformed_checkpoint'));
  });
});
