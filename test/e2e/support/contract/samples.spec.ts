import { randomBytes, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { Samples } from './samples';

const PROVIDER = 'http://localhost:8700';
const START = Date.parse('2026-11-24T13:37:11.123Z');

const newSamples = () => new Samples(PROVIDER, START);
const sampled = <T>(value: T, place = 'GET /things one') => newSamples().of(value, place);

/** What is different on each run, by its form. */
const variable: Readonly<Record<string, { readonly make: () => string; readonly form: RegExp }>> = {
  UUIDs: { make: randomUUID, form: /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/ },
  'SHA-256 digests': { make: () => randomBytes(32).toString('hex'), form: /^[0-9a-f]{64}$/ },
  'key identifiers': { make: () => randomBytes(20).toString('hex'), form: /^[0-9a-f]{40}$/ },
  'public ids': { make: () => randomBytes(8).toString('hex'), form: /^[0-9a-f]{16}$/ },
  'serial numbers': { make: () => randomBytes(20).toString('hex').toUpperCase(), form: /^0[0-9A-F]{39}$/ },
  hashes: { make: () => randomBytes(32).toString('base64'), form: /^[A-Za-z0-9+/]{43}=$/ },
  'bytes in base64': { make: () => randomBytes(300).toString('base64'), form: /^[A-Za-z0-9+/]{60}$/ },
  'download links': {
    make: () => `http://localhost:16123/download/ovdl_${randomBytes(32).toString('base64url')}`,
    form: /^https:\/\/vpn\.example\.org\/download\/ovdl_EXAMPLE-not-a-secret-EXAMPLE-not-a-secret-E$/,
  },
  'pre-shared keys': {
    make: () => `ovpsk_${randomBytes(8).toString('hex')}_${randomBytes(32).toString('base64url')}`,
    form: /^ovpsk_[0-9a-f]{16}_EXAMPLE-not-a-secret-EXAMPLE-not-a-secret-E$/,
  },
  'private keys': {
    make: () => `-----BEGIN PRIVATE KEY-----\n${randomBytes(100).toString('base64')}\n-----END PRIVATE KEY-----`,
    form: /^-----BEGIN PRIVATE KEY-----\nVGhpcyBpcyBhbiBleGFtcGxl[\w=]+\n-----END PRIVATE KEY-----$/,
  },
};

describe('samples', () => {
  it.each(Object.keys(variable))(
    'of %s have their form, are the same on each run, and nothing of the value',
    (name) => {
      const { make, form } = variable[name] ?? { make: () => '', form: /^$/ };
      const [one, other] = [make(), make()];
      expect(sampled({ a: one }).a).toMatch(form);
      expect(sampled({ a: one })).toEqual(sampled({ a: other }));
      expect(sampled({ a: one }).a).not.toContain(one.replace(/\W*(BEGIN|END) PRIVATE KEY\W*/g, '').slice(-20));
    },
  );

  it('are the same for the same value wherever it stands, and others for another', () => {
    const [one, other] = [randomUUID(), randomUUID()];
    const samples = newSamples();
    const first = samples.of({ id: one, by: other, again: one, text: `of ${one}` }, 'POST /things one');
    expect(first.again).toBe(first.id);
    expect(first.text).toBe(`of ${first.id}`);
    expect(first.by).not.toBe(first.id);
    expect(samples.of({ id: other }, 'GET /things two').id).toBe(first.by);
  });

  it('are named after where a value stands, so that others beside it change nothing', () => {
    const sampleOf = (before: object) => newSamples().of({ ...before, id: randomUUID() }, 'GET /things one').id;
    expect(sampleOf({})).toBe(sampleOf({ other: randomUUID() }));
  });

  it('have the times of a run in whole hours from where every run begins', () => {
    const times = (startMs: number) => ({
      now: new Date(startMs + 12_345).toISOString(),
      backdated: new Date(startMs - 300_000).toISOString().replace(/\.\d+Z/, 'Z'),
      tomorrow: new Date(startMs + 86_400_000).toISOString(),
      header: new Date(startMs).toUTCString(),
      day: new Date(startMs).toISOString().slice(0, 10),
    });
    const onAnotherDay = START + 1_234_567_890;
    const samples = sampled(times(START));
    expect(new Samples(PROVIDER, onAnotherDay).of(times(onAnotherDay), 'GET /things one')).toEqual(samples);
    expect(samples).toEqual({
      now: '2026-03-02T09:00:00.000Z',
      backdated: '2026-03-02T09:00:00Z',
      tomorrow: '2026-03-03T09:00:00.000Z',
      header: 'Mon, 02 Mar 2026 09:00:00 GMT',
      day: '2026-03-02',
    });
  });

  it('of a receipt are as long however large the log was', () => {
    const hash = () => randomBytes(32).toString('base64');
    const receipt = (index: number, hashes: number) =>
      `c2sp.org/tlog-proof@v1\nindex ${String(index)}\n${Array.from({ length: hashes }, () => `${hash()}\n`).join('')}\nlog\n${String(index + 1)}\n${hash()}\n`;
    expect(sampled({ body: receipt(3, 1) })).toEqual(sampled({ body: receipt(77, 6) }));
  });

  it('leave alone what is the same on each run', () => {
    const texts = fc.string({ unit: fc.constantFrom(...Array.from('abcdefghijklmnopqrstuvwxyz ._/-')), maxLength: 40 });
    fc.assert(
      fc.property(fc.dictionary(texts, fc.oneof(texts, fc.boolean(), fc.constant(null))), (value) => {
        expect(sampled({ value }).value).toEqual(value);
      }),
    );
  });
});
