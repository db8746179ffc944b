import { DerTag } from './der';
import { type DerElement, DerReader, timeValue } from './der-reader';
import type { LintCheck, LintSubject } from './lint';
import { onlyCommonName, parseCommonName } from './names';
import { checkPublicKey } from './public-key-policy';
import { publicKeyOf, signatureAlgorithmOf } from './signature-algorithm';

const firstYearOfGeneralizedTime = 2050;

function timeEncoding(item: DerElement, what: string): string | undefined {
  const late = timeValue(item, what).getUTCFullYear() >= firstYearOfGeneralizedTime;
  const expected = late ? DerTag.generalizedTime : DerTag.utcTime;
  return item.tag === expected ? undefined : `${what} is not encoded as ${late ? 'GeneralizedTime' : 'UTCTime'}`;
}

const validityOf = ({ tbs }: LintSubject): { notBefore: Date; notAfter: Date } => ({
  notBefore: timeValue(tbs.notBefore, 'notBefore'),
  notAfter: timeValue(tbs.notAfter, 'notAfter'),
});

/** Checks of the fields before the extensions. */
export const fieldChecks: readonly LintCheck[] = [
  {
    id: 'version-3',
    reference: 'RFC 5280 §4.1.2.1',
    check: ({ tbs }) => (tbs.version === 3 ? undefined : 'a certificate with extensions is version 3'),
  },
  {
    id: 'serial-number',
    reference: 'RFC 5280 §4.1.2.2',
    check: ({ tbs }) => {
      const first = tbs.serialNumber[0] ?? 0;
      if (first >= 0x80) return 'the serial number is negative';
      return tbs.serialNumber.length === 20 && first !== 0 ? undefined : 'the serial number does not have 20 bytes';
    },
  },
  {
    id: 'signature-algorithm',
    reference: 'RFC 5280 §4.1.2.3',
    check: ({ tbs, issuer }) => {
      const expected = issuer?.signatureAlgorithm ?? signatureAlgorithmOf(publicKeyOf(tbs.spki));
      return tbs.signatureAlgorithm.equals(expected.der) ? undefined : 'the algorithm is not that of the issuer key';
    },
  },
  {
    id: 'signature-algorithms-agree',
    reference: 'RFC 5280 §4.1.1.2',
    check: ({ certificate, tbs }) =>
      certificate.signatureAlgorithm.equals(tbs.signatureAlgorithm)
        ? undefined
        : 'the algorithm beside the signature is another than the one that is signed',
  },
  {
    id: 'issuer-name-not-empty',
    reference: 'RFC 5280 §4.1.2.4',
    check: ({ tbs }) => {
      const names = DerReader.only(tbs.issuer, DerTag.sequence, 'the issuer').content;
      return names.length === 0 ? 'the issuer has no name' : undefined;
    },
  },
  {
    id: 'issuer-name',
    reference: 'RFC 5280 §4.1.2.4, §6.1.3 (a)(4)',
    check: ({ tbs, issuer }) => {
      const expected = issuer?.subject ?? tbs.subject;
      return tbs.issuer.equals(expected) ? undefined : "the issuer is not the issuing certificate's subject";
    },
  },
  {
    id: 'time-encoding',
    reference: 'RFC 5280 §4.1.2.5',
    check: ({ tbs }) => timeEncoding(tbs.notBefore, 'notBefore') ?? timeEncoding(tbs.notAfter, 'notAfter'),
  },
  {
    id: 'validity-order',
    reference: 'RFC 5280 §4.1.2.5',
    check: (subject) => {
      const { notBefore, notAfter } = validityOf(subject);
      return notBefore < notAfter ? undefined : 'notAfter is not later than notBefore';
    },
  },
  {
    id: 'validity-within-issuer',
    reference: 'RFC 5280 §6.1.3 (a)(2)',
    check: (subject) => {
      const { notBefore, notAfter } = validityOf(subject);
      const { issuer } = subject;
      if (issuer === undefined || (notBefore >= issuer.notBefore && notAfter <= issuer.notAfter)) return undefined;
      return "the validity reaches outside the issuer's";
    },
  },
  {
    id: 'subject-name',
    reference: 'RFC 5280 §4.1.2.6, appendix A',
    check: ({ tbs }) => {
      parseCommonName(onlyCommonName(tbs.subject));
      return undefined;
    },
  },
  {
    id: 'public-key',
    reference: 'RFC 5480 §2, RFC 8410 §4, RFC 8017 §3.1',
    check: ({ tbs }) => {
      checkPublicKey(tbs.spki);
      return undefined;
    },
  },
  {
    id: 'key-not-of-the-issuer',
    reference: 'RFC 5280 §3.2',
    check: ({ tbs, issuer }) =>
      issuer?.certificate.tbs.spki.equals(tbs.spki) === true ? 'the key is that of the issuer' : undefined,
  },
  {
    id: 'issuer-path-length',
    reference: 'RFC 5280 §4.2.1.9, §6.1.4 (m)',
    check: ({ profile, issuer }) =>
      profile.ca && issuer?.pathLength === 0 ? 'the issuer may not have another CA below it' : undefined,
  },
];
