import { testAuthority } from '../test/fixtures';
import { type PublicKeyInfrastructure, createIntermediate } from './authority';
import { buildCrl } from './crl';
import {
  type CrlBundlePart,
  assertCrlBundleLinted,
  crlPemLabel,
  lintCrlBundle,
  pemChunks,
  pemLength,
} from './crl-bundle';
import { type ParsedCrl, parseCrl } from './crl-reader';
import type { Issuer } from './issuer';
import { LintFailed } from './lint';
import { parsePem, toPem } from './pem';
import { newSerialNumber } from './serial-number';
import { signWithKey } from './signature-algorithm';
import { dayMs } from './validity';

const now = new Date();
let pki: PublicKeyInfrastructure;
let authorities: readonly Issuer[];
/** In the order of the authorities. */
let crls: readonly [ParsedCrl, ParsedCrl, ParsedCrl];

beforeAll(async () => {
  pki = await testAuthority();
  const retired = await createIntermediate(pki.root, { commonName: 'Retired CA', algorithm: 'P-256', now });
  authorities = [pki.intermediate.issuer, retired.issuer, pki.root.issuer];
  const crlOf = async ({ issuer, privateKey }: typeof retired): Promise<ParsedCrl> => {
    const times = { thisUpdate: new Date(now.getTime() - 300_000), nextUpdate: new Date(now.getTime() + dayMs) };
    return parseCrl(
      await buildCrl(issuer, { number: 1n, ...times, revoked: [] }, (data) => signWithKey(privateKey, data)),
    );
  };
  crls = [await crlOf(pki.intermediate), await crlOf(retired), parseCrl(pki.rootCrl)];
});

const part = (crl: ParsedCrl, label = crlPemLabel): CrlBundlePart => ({ label, crl });
const findings = (parts: readonly CrlBundlePart[], of = authorities): string[] =>
  lintCrlBundle(parts, of).map(({ id }) => id);

describe('the bundle lint', () => {
  it('finds nothing where each authority has one CRL, in any order', () => {
    expect(findings(crls.map((crl) => part(crl)))).toEqual([]);
    expect(findings([...crls].reverse().map((crl) => part(crl)))).toEqual([]);
  });

  it.each([0, 1, 2])('finds that the CRL of an authority is missing (%d)', (missing) => {
    expect(findings(crls.filter((_, position) => position !== missing).map((crl) => part(crl)))).toEqual([
      'crl-bundle-complete',
    ]);
  });

  it('finds a label that OpenSSL does not read', () => {
    expect(findings(crls.map((crl) => part(crl, 'CRL')))).toEqual(['crl-bundle-label']);
    expect(() => assertCrlBundleLinted([part(crls[0], 'CRL')], authorities.slice(0, 1))).toThrow(LintFailed);
  });

  it('finds two CRLs of one authority', () => {
    expect(findings([...crls, crls[1]].map((crl) => part(crl)))).toEqual(['crl-bundle-once']);
  });

  it('finds the CRL of a CA that is not in use', () => {
    expect(
      findings(
        crls.map((crl) => part(crl)),
        authorities.slice(0, 2),
      ),
    ).toEqual(['crl-bundle-known']);
  });
});

describe('PEM in pieces', () => {
  it.each([0, 1, 40, 2_000])('is the same as at one go, and as long as foretold (%d entries)', async (count) => {
    const { issuer, privateKey } = pki.intermediate;
    const revoked = Array.from({ length: count }, () => ({
      serialNumber: newSerialNumber(),
      revokedAt: now,
      reason: 1,
    }));
    const content = { number: BigInt(count), thisUpdate: now, nextUpdate: now, revoked };
    const crl = parseCrl(await buildCrl(issuer, content, (data) => signWithKey(privateKey, data)));
    const text = Buffer.concat([...pemChunks(part(crl))]);
    expect(text.toString('latin1')).toBe(toPem(crlPemLabel, crl.der));
    expect(pemLength(part(crl))).toBe(text.length);
    expect(parsePem(text.toString('latin1'))).toEqual([{ label: crlPemLabel, der: crl.der }]);
  });
});
