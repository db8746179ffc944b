import fc from 'fast-check';
import { MalformedPem, onlyPemBlock, parsePem, toPem } from './pem';

describe('PEM', () => {
  it('is read back, several blocks and comments included', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 200 })), (contents) => {
        const text = contents.map((content) => `# comment\n${toPem('CERTIFICATE', content)}`).join('\r\n');
        expect(parsePem(text).map(({ der }) => [...der])).toEqual(contents.map((content) => [...content]));
      }),
    );
  });

  it('has lines of 64 columns', () => {
    const lines = toPem('X509 CRL', Buffer.alloc(100)).split('\n');
    expect(lines[0]).toBe('-----BEGIN X509 CRL-----');
    expect(lines[1]).toHaveLength(64);
  });

  it.each([
    ['no block', 'hello'],
    ['two blocks', toPem('CERTIFICATE', Buffer.of(1)).repeat(2)],
    ['another label', toPem('PRIVATE KEY', Buffer.of(1))],
    ['a truncated block', toPem('CERTIFICATE', Buffer.alloc(90)).slice(0, 80)],
    ['labels that differ', toPem('CERTIFICATE', Buffer.of(1)).replace('END CERTIFICATE', 'END KEY')],
    ['broken base64', '-----BEGIN CERTIFICATE-----\nAAA\n-----END CERTIFICATE-----\n'],
    ['an empty block', '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n'],
  ])('refuses %s', (_what, text) => {
    expect(() => onlyPemBlock(text, 'CERTIFICATE')).toThrow(MalformedPem);
  });

  it('is read back when it has many millions of bytes, as the CRL of 300,000 certificates', () => {
    const content = Buffer.alloc(20_000_000, 'CRL entry');
    const [block] = parsePem(toPem('X509 CRL', content));
    expect(block?.der.equals(content)).toBe(true);
  });

  it.each(['AAAA=AAA', '====', 'A===', 'AAAAA', 'AAA=AAAA', 'AA*A'])('refuses %s as base64', (base64) => {
    expect(() => parsePem(`-----BEGIN X509 CRL-----\n${base64}\n-----END X509 CRL-----\n`)).toThrow(MalformedPem);
  });

  it('refuses hostile repetition in linear time', () => {
    const started = performance.now();
    expect(() => parsePem('-----BEGIN CERTIFICATE-----\n'.repeat(50_000))).toThrow(MalformedPem);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});
