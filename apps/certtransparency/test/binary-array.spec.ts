import fc from 'fast-check';
import { testPostgresUrl } from '@libs/testing';
import { Client } from 'pg';
import { binaryArray } from '../src/audit/binary-array';

let client: Client;

beforeAll(async () => {
  client = new Client({ connectionString: testPostgresUrl() });
  await client.connect();
});

afterAll(() => client.end());

async function roundTrip(type: 'bytea' | 'text' | 'int2', elements: readonly (Uint8Array | null)[]): Promise<unknown> {
  const { rows } = await client.query<{ elements: unknown }>(`SELECT $1::${type}[] AS elements`, [
    binaryArray(type, elements),
  ]);
  return rows[0]?.elements;
}

describe('an array in the wire format', () => {
  it('arrives as it was sent', async () => {
    const bytes = fc.array(fc.option(fc.uint8Array({ maxLength: 300 })), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(bytes, async (elements) => {
        const sent = elements.map((element) => element && Buffer.from(element));
        expect(await roundTrip('bytea', sent)).toEqual(sent);
      }),
    );
  });

  it('carries text and small numbers', async () => {
    const texts = ['', 'Zoë “é”', '{"a":null}', 'NULL', null];
    const encoded = texts.map((text) => (text === null ? null : Buffer.from(text)));
    expect(await roundTrip('text', encoded)).toEqual(texts);
    expect(await roundTrip('int2', [Buffer.of(0, 1), Buffer.of(0, 4)])).toEqual([1, 4]);
    expect(await roundTrip('int2', [])).toEqual([]);
  });
});
