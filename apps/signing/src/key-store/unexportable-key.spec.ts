import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { inspect } from 'node:util';
import { KeyNotExportable, unexportable } from './unexportable-key';

describe('a key that cannot be exported', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const key = unexportable(privateKey);

  it('signs', () => {
    const data = Buffer.from('to be signed');
    expect(verify('sha256', data, publicKey, sign('sha256', data, key))).toBe(true);
  });

  it.each([['der'], ['pem'], ['jwk']] as const)('gives nothing away as %s', (format) => {
    expect(() => key.export({ format, type: 'pkcs8' } as never)).toThrow(KeyNotExportable);
  });

  it('stays so, and prints nothing', () => {
    expect(() => Object.defineProperty(key, 'export', { value: () => 'bytes' })).toThrow(TypeError);
    expect(Reflect.deleteProperty(key, 'export')).toBe(false);
    expect(`${inspect(key)} ${JSON.stringify(key)}`).not.toMatch(/BEGIN|"d"/);
  });
});
