import type { IssuedCertificate } from '@libs/contracts';
import {
  acceptCsr,
  buildTbs,
  createAuthority,
  createKeyPairAndCsr,
  fingerprintOf,
  newSerialNumber,
  parseCommonName,
  profiles,
  type PublicKeyInfrastructure,
  signTbs,
  signWithKey,
  toPem,
  validityWithin,
} from '@libs/pki';
import { generateNoteKey, printReceipt, printVerifierKey } from '@libs/tlog';
import { issuedLeafAbout, receiptFor } from '../../../../libs/tlog/src/receipt.fixture';
import { IssuedCertificateCheck, IssuedCertificateNotValid } from './issued-certificate-check';

const LOG = generateNoteKey('log.example');
const OTHER_LOG = generateNoteKey('log.example');
const COMMON_NAME = 'ada@example.org';

describe('a certificate as signing answered it', () => {
  let pki: PublicKeyInfrastructure;
  let spki: Buffer;
  let issued: IssuedCertificate;

  const authority = () => {
    const names = { rootCommonName: 'Root', intermediateCommonName: 'Intermediate' };
    return createAuthority({ ...names, algorithm: 'P-256', now: new Date(), rootCrlValidityDays: 30 });
  };

  async function certify(key = spki): Promise<IssuedCertificate> {
    const { intermediate, root } = pki;
    const serialNumber = newSerialNumber();
    const validity = validityWithin(intermediate.issuer, new Date(), 90);
    const names = { commonName: parseCommonName(COMMON_NAME), dnsNames: [] };
    const tbs = buildTbs(intermediate.issuer, { profile: profiles.user, ...names, spki: key, serialNumber, validity });
    const der = await signTbs(tbs, intermediate.issuer.signatureAlgorithm, (data) =>
      signWithKey(intermediate.privateKey, data),
    );
    const leaf = { ...issuedLeafAbout(der), commonName: COMMON_NAME };
    return {
      certificate: toPem('CERTIFICATE', der),
      chain: [toPem('CERTIFICATE', intermediate.issuer.der), toPem('CERTIFICATE', root.issuer.der)],
      receipt: printReceipt(receiptFor(leaf, 3, 7, LOG)),
      serial_number: serialNumber,
      fingerprint: fingerprintOf(der),
      log_index: 3,
      not_before: validity.notBefore.toISOString(),
      not_after: validity.notAfter.toISOString(),
    };
  }
  const newKey = async () =>
    acceptCsr((await createKeyPairAndCsr({ commonName: 'x', algorithm: 'P-256' })).csrPem).spki;

  beforeAll(async () => {
    pki = await authority();
    spki = await newKey();
    issued = await certify();
  });

  const pinning = (log = LOG) => IssuedCertificateCheck.pinning([printVerifierKey(log.verifier)]);
  const expected = () => ({ kind: 'user' as const, commonName: COMMON_NAME, spki });
  const check = (answer: Partial<IssuedCertificate>, by = pinning()) => {
    by.check({ ...issued, ...answer }, expected());
  };

  it('passes when everything fits', () => {
    expect(() => {
      check({});
    }).not.toThrow();
  });

  it.each<[string, () => Promise<Partial<IssuedCertificate>>]>([
    ['another key', async () => certify(await newKey())],
    ['another fingerprint', () => Promise.resolve({ fingerprint: 'a'.repeat(64) })],
    ['another serial number', () => Promise.resolve({ serial_number: 'A'.repeat(40) })],
    ['the receipt of another certificate', async () => ({ receipt: (await certify()).receipt })],
    ['another index than the receipt’s', () => Promise.resolve({ log_index: 4 })],
    ['no receipt', () => Promise.resolve({ receipt: '' })],
    ['no certificate', () => Promise.resolve({ certificate: 'nonsense' })],
    [
      'an issuer that did not sign it',
      async () => {
        const { issuer } = (await authority()).intermediate;
        return { chain: [toPem('CERTIFICATE', issuer.der), issued.chain[1]] as const };
      },
    ],
  ])('is refused with %s', async (_, change) => {
    const answer = await change();
    expect(() => {
      check(answer);
    }).toThrow(IssuedCertificateNotValid);
  });

  it('is refused by another log’s key, and for another person or kind', () => {
    expect(() => {
      check({}, pinning(OTHER_LOG));
    }).toThrow(IssuedCertificateNotValid);
    for (const other of [{ commonName: 'eve@example.org' }, { kind: 'server' as const }]) {
      expect(() => {
        pinning().check(issued, { ...expected(), ...other });
      }).toThrow(IssuedCertificateNotValid);
    }
  });

  it('needs no receipt where no log is pinned, and no pin is taken that is no key', () => {
    expect(() => {
      check({ receipt: '' }, IssuedCertificateCheck.pinning([]));
    }).not.toThrow();
    expect(() => IssuedCertificateCheck.pinning(['nonsense'])).toThrow('FRONTEND_CT_VERIFIER_KEYS');
  });
});
