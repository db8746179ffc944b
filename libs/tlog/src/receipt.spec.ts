import fc from 'fast-check';
import { encodeLeaf, leafExtra, rebuildLeaf } from './leaf';
import { generateNoteKey } from './note-keys';
import { parseReceipt, printReceipt, type Receipt, verifyReceipt } from './receipt';
import { issuedLeafAbout, receiptFor } from './receipt.fixture';
import { COMMENT_WIDTH, fromComments, toComments } from './receipt-comments';
import { TlogError } from './tlog-error';

const signer = generateNoteKey('log.example/one');
const der = Buffer.from('not a real certificate, and nothing here looks inside');
const issued = issuedLeafAbout(der);
const receipt = receiptFor(issued, 2, 5, signer);
const rebuild = (extra: Buffer | undefined) => rebuildLeaf(extra ?? Buffer.of(), der);
const code = (expected: string) => expect.objectContaining({ code: expected }) as Error;

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes));
const anyReceipt: fc.Arbitrary<Receipt> = fc.record(
  {
    extra: fc.uint8Array({ minLength: 1, maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
    index: fc.maxSafeNat(),
    proof: fc.array(hash, { maxLength: 63 }),
    checkpoint: fc.constant(receipt.checkpoint),
  },
  { requiredKeys: ['index', 'proof', 'checkpoint'] },
);

describe('receipts', () => {
  it('are the same after being printed and parsed', () => {
    fc.assert(fc.property(anyReceipt, (any) => expect(parseReceipt(printReceipt(any))).toEqual(any)));
  });

  it('prove the leaf that is rebuilt from certificate and extra data', () => {
    const proven = verifyReceipt(parseReceipt(printReceipt(receipt)), rebuild, [signer.verifier]);
    expect(proven).toMatchObject({ index: 2, checkpoint: { origin: 'log.example/one', size: 5 } });
    expect(proven.leaf).toEqual(encodeLeaf(issued));
  });

  it('prove no other leaf, index, proof or checkpoint', () => {
    const verify = (changed: Partial<Receipt>, leaf?: Buffer) => () =>
      verifyReceipt({ ...receipt, ...changed }, leaf ?? rebuild, [signer.verifier]);
    expect(verify({}, Buffer.of(1))).toThrow(code('inclusion_invalid'));
    expect(verify({ index: 1 })).toThrow(code('inclusion_invalid'));
    expect(verify({ proof: receipt.proof.slice(1) })).toThrow(code('inclusion_invalid'));
    expect(verify({ checkpoint: receipt.checkpoint.replace('\n5\n', '\n6\n') })).toThrow(
      code('note_signature_invalid'),
    );
    expect(verify({ extra: leafExtra({ ...issued, commonName: 'Eve' }) })).toThrow(code('inclusion_invalid'));
    expect(() => verifyReceipt(receipt, rebuild, [generateNoteKey(signer.name).verifier])).toThrow(
      code('note_unverified'),
    );
  });

  const text = printReceipt(receipt);
  it.each([
    ['another header', text.replace('@v1', '@v2')],
    ['no index', text.replace(/index.*\n/, '')],
    ['a padded index', text.replace('index 2', 'index 02')],
    ['empty extra data', text.replace(/extra .*\n/, 'extra \n')],
    ['extra data twice', text.replace(/(extra .*\n)/, '$1$1')],
    ['extra data after the index', text.replace(/(extra .*\n)(index .*\n)/, '$2$1')],
    ['a short hash', text.replace(/(index 2\n)/, '$1AAAA\n')],
    ['64 hashes', text.replace(/(index 2\n)/, `$1${`${Buffer.alloc(32).toString('base64')}\n`.repeat(64)}`)],
    ['carriage returns', text.replaceAll('\n', '\r\n')],
  ])('are malformed with %s', (_, malformed) => {
    expect(() => parseReceipt(malformed)).toThrow(code('malformed_receipt'));
  });
});

describe('receipt comments', () => {
  it('give back any text, however odd', () => {
    const lines = fc.array(fc.string({ unit: 'grapheme', maxLength: 300 }).map((line) => line.replace(/[\r\n]/g, ' ')));
    fc.assert(
      fc.property(lines, (texts) => {
        const text = texts.join('\n');
        expect(fromComments(toComments(text))).toBe(text);
      }),
    );
    const spaces = fc.stringMatching(/^[ a\\#]{0,300}$/);
    fc.assert(fc.property(spaces, (text) => expect(fromComments(toComments(text))).toBe(text)));
  });

  it('stay within the width and begin with a hash each', () => {
    for (const line of toComments(printReceipt(receipt)).trimEnd().split('\n')) {
      expect(line).toMatch(/^#( |$)/);
      expect(Buffer.byteLength(line)).toBeLessThanOrEqual(COMMENT_WIDTH);
    }
  });

  it('are found in the middle of a profile, with either line ending', () => {
    const profile = `client\n# a remark\n${toComments(printReceipt(receipt))}<ca>\n</ca>\n`;
    expect(fromComments(profile)).toBe(printReceipt(receipt));
    expect(fromComments(profile.replaceAll('\n', '\r\n'))).toBe(printReceipt(receipt));
  });

  const comments = toComments(printReceipt(receipt));
  it.each([
    ['there is none', 'client\n'],
    ['there are two', comments + comments],
    ['its end is missing', comments.split('\n').slice(0, -2).join('\n')],
    ['another line stands in it', comments.replace('\n# index', '\nremote evil 1\n# index')],
    ['it begins with a continuation', comments.replace('# c2sp', '#  c2sp')],
  ])('are refused when %s', (_, profile) => {
    expect(() => fromComments(profile)).toThrow(TlogError);
  });
});
