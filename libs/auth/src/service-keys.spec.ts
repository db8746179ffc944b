import { randomBytes } from 'node:crypto';
import { MIN_SERVICE_KEY_LENGTH, ServiceKeyRing } from './service-keys';

const newKey = () => randomBytes(MIN_SERVICE_KEY_LENGTH).toString('base64url');

describe('service keys', () => {
  const [current, next, auditor] = [newKey(), newKey(), newKey()];
  const ring = new ServiceKeyRing({ frontend: [current, next], auditor: [auditor] });

  it('accepts each key of a caller, so that keys can be rotated', () => {
    expect(ring.callerOf(`Bearer ${current}`)).toBe('frontend');
    expect(ring.callerOf(`bearer  ${next}`)).toBe('frontend');
    expect(ring.callerOf(`Bearer ${auditor}`)).toBe('auditor');
  });

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    current,
    `Basic ${current}`,
    `Bearer ${current}x`,
    `Bearer ${current.slice(0, -1)}`,
    `Bearer ${current} ${next}`,
    `Bearer ${current}\u0000`,
  ])('knows nobody by %j', (authorization) => {
    expect(ring.callerOf(authorization)).toBeUndefined();
  });

  it('knows nobody without keys', () => {
    expect(new ServiceKeyRing({}).callerOf('Bearer ')).toBeUndefined();
  });

  it('refuses a short key and a shared one, without printing it', () => {
    const short = 'a-short-key';
    expect(() => new ServiceKeyRing({ frontend: [short] })).toThrow('shorter than 32');
    expect(() => new ServiceKeyRing({ frontend: [short] })).not.toThrow(short);
    expect(() => new ServiceKeyRing({ frontend: [current], signing: [current] })).toThrow('share a service key');
  });
});
