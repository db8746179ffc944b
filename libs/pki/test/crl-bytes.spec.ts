import { type PublicKeyInfrastructure, type RevokedCertificate, buildCrlTbs } from '../src';
import { testAuthority } from './fixtures';

const SERIAL = '02140102030405060708090a0b0c0d0e0f1011121314';
const REVOKED_AT = '170d3236313132343131343135305a';

/** What a CRL entry is made of, byte for byte (RFC 5280 §5.1.2.6, §5.3.1). */
describe('an entry of a CRL', () => {
  let pki: PublicKeyInfrastructure;
  beforeAll(async () => {
    pki = await testAuthority();
  });

  async function tbsOf(...revoked: readonly Partial<RevokedCertificate>[]): Promise<string> {
    const usual = {
      serialNumber: '0102030405060708090A0B0C0D0E0F1011121314',
      revokedAt: new Date('2026-11-24T11:41:50.999Z'),
      reason: 0,
    };
    const thisUpdate = new Date('2026-11-24T11:00:00Z');
    const content = { number: 1n, thisUpdate, nextUpdate: new Date('2026-12-24T11:00:00Z') };
    const entries = revoked.map((entry) => ({ ...usual, ...entry }));
    return (await buildCrlTbs(pki.intermediate.issuer, { ...content, revoked: entries })).toString('hex');
  }

  const entry = (...parts: readonly string[]) => `30${hexByte(parts.join('').length / 2)}${parts.join('')}`;
  const hexByte = (value: number) => value.toString(16).padStart(2, '0');

  it('without a reason is serial number and date, whose fraction of a second is cut off', async () => {
    expect(await tbsOf({})).toContain(`30273025${SERIAL}${REVOKED_AT}a0`);
    expect(await tbsOf({ reason: 0 })).not.toContain('0603551d15');
  });

  it.each([1, 3, 4, 5, 9, 10])(
    'has the reason %d as an ENUMERATED in an extension that is not critical',
    async (reason) => {
      const extension = `300c300a0603551d1504030a01${hexByte(reason)}`;
      expect(await tbsOf({ reason })).toContain(`3035${entry(SERIAL, REVOKED_AT, extension)}a0`);
    },
  );

  it.each([
    ['2049-12-31T23:59:59Z', '170d3439313233313233353935395a'],
    ['2050-01-01T00:00:00Z', '180f32303530303130313030303030305a'],
    ['2026-02-28T00:00:00Z', '170d3236303232383030303030305a'],
  ])('has the date %s as %s', async (date, der) => {
    expect(await tbsOf({ revokedAt: new Date(date) })).toContain(entry(SERIAL, der));
  });

  it.each([
    ['00', '020100'],
    ['01', '020101'],
    ['7F', '02017f'],
    ['80', '02020080'],
    ['0080', '02020080'],
    ['007F', '02017f'],
    ['ff'.repeat(20), `021500${'ff'.repeat(20)}`],
    [`00${'80'.repeat(19)}`, `021400${'80'.repeat(19)}`],
  ])('has the serial number %s as the shortest positive INTEGER %s', async (serialNumber, der) => {
    expect(await tbsOf({ serialNumber })).toContain(entry(der, REVOKED_AT));
  });

  it('stands where the caller has put it, sorted or not', async () => {
    const tbs = await tbsOf({ serialNumber: '05' }, { serialNumber: 'F0' }, { serialNumber: '01' });
    const list = [entry('020105', REVOKED_AT), entry('020200f0', REVOKED_AT), entry('020101', REVOKED_AT)].join('');
    expect(tbs).toContain(`30${hexByte(list.length / 2)}${list}`);
  });

  it('is not there, nor the list, when nobody is revoked', async () => {
    expect(await tbsOf()).toMatch(/170d3236313232343131303030305aa0/);
  });

  it.each([-1, 11, 1.5, Number.NaN])('is refused with the reason %d', async (reason) => {
    await expect(tbsOf({ reason })).rejects.toThrow(RangeError);
  });
});
