import { DerTag } from './der';
import { DerReader, oidText, setBits } from './der-reader';
import { keyIdentifierOf } from './certificate';
import {
  type ParsedExtension,
  authorityKeyIdentifierOf,
  dnsNamesOf,
  extensionOf,
  subjectKeyIdentifierOf,
} from './certificate-reader';
import { basicConstraintsOf } from './issuer';
import type { LintCheck, LintSubject } from './lint';
import { isDnsName, onlyCommonName, parseDnsName } from './names';
import { Oid } from './oids';

function expectedExtensions({ profile, issuer }: LintSubject): readonly string[] {
  const expected: string[] = [Oid.basicConstraints, Oid.keyUsage, Oid.subjectKeyIdentifier];
  if (profile.extendedKeyUsage.length > 0) expected.push(Oid.extendedKeyUsage);
  if (issuer !== undefined) expected.push(Oid.authorityKeyIdentifier);
  if (profile.dnsNames) expected.push(Oid.subjectAltName);
  return expected;
}

/** A check of one extension where it is present; that none is missing is a check of its own. */
function whenPresent(
  id: string,
  critical: boolean,
  check: (extension: ParsedExtension, subject: LintSubject) => string | undefined,
): LintCheck['check'] {
  return (subject) => {
    const extension = extensionOf(subject.tbs.extensions, id);
    if (extension === undefined) return undefined;
    if (extension.critical !== critical) return `the extension ${critical ? 'must' : 'must not'} be critical`;
    return check(extension, subject);
  };
}

const sameItems = <T>(left: readonly T[], right: readonly T[]): boolean =>
  left.length === right.length && left.every((item, index) => item === right[index]);

/** dNSName is `[2] IMPLICIT IA5String` in a GeneralName. */
const dnsNameTag = 0x82;

/** Checks of the extensions. */
export const extensionChecks: readonly LintCheck[] = [
  {
    id: 'extensions-unique',
    reference: 'RFC 5280 §4.2',
    check: ({ tbs }) => {
      const ids = tbs.extensions.map(({ id }) => id);
      return new Set(ids).size === ids.length ? undefined : 'an extension stands there twice';
    },
  },
  {
    id: 'extensions-of-the-profile',
    reference: 'RFC 5280 §4.2.1',
    check: (subject) => {
      const expected = expectedExtensions(subject);
      const present = subject.tbs.extensions.map(({ id }) => id);
      const missing = expected.find((id) => !present.includes(id));
      if (missing !== undefined) return `the extension ${missing} is missing`;
      const surplus = present.find((id) => !expected.includes(id));
      return surplus === undefined ? undefined : `the extension ${surplus} does not belong here`;
    },
  },
  {
    id: 'basic-constraints',
    reference: 'RFC 5280 §4.2.1.9',
    check: whenPresent(Oid.basicConstraints, true, ({ value }, { profile }) => {
      const { ca, pathLength } = basicConstraintsOf(value);
      if (ca !== profile.ca) return ca ? 'the certificate would be a CA' : 'the certificate would be no CA';
      return pathLength === profile.pathLength ? undefined : 'the path length is not that of the profile';
    }),
  },
  {
    id: 'key-usage',
    reference: 'RFC 5280 §4.2.1.3',
    check: whenPresent(Oid.keyUsage, true, ({ value }, { profile }) => {
      const bits = setBits(DerReader.only(value, DerTag.bitString, 'the key usage'), 'the key usage');
      return sameItems(bits, profile.keyUsage) ? undefined : 'the key usage is not that of the profile';
    }),
  },
  {
    id: 'extended-key-usage',
    reference: 'RFC 5280 §4.2.1.12',
    check: whenPresent(Oid.extendedKeyUsage, false, ({ value }, { profile }) => {
      const purposes = DerReader.only(value, DerTag.sequence, 'the extended key usage').enter();
      const found = purposes.rest('a purpose').map((item) => oidText(item, 'a purpose'));
      return sameItems(found, profile.extendedKeyUsage) ? undefined : 'the purposes are not those of the profile';
    }),
  },
  {
    id: 'subject-key-identifier',
    reference: 'RFC 5280 §4.2.1.2, RFC 7093 §2',
    check: whenPresent(Oid.subjectKeyIdentifier, false, (extension, { tbs }) =>
      subjectKeyIdentifierOf(extension).equals(keyIdentifierOf(tbs.spki))
        ? undefined
        : 'the identifier is not derived from the key',
    ),
  },
  {
    id: 'authority-key-identifier',
    reference: 'RFC 5280 §4.2.1.1',
    check: whenPresent(Oid.authorityKeyIdentifier, false, (extension, { issuer }) =>
      issuer !== undefined && authorityKeyIdentifierOf(extension).equals(issuer.keyIdentifier)
        ? undefined
        : "the identifier is not the issuer's",
    ),
  },
  {
    id: 'common-name-among-the-dns-names',
    reference: 'RFC 6125 §6.4.4',
    check: ({ tbs, profile }) => {
      const commonName = onlyCommonName(tbs.subject);
      if (!profile.dnsNames || !isDnsName(commonName) || dnsNamesOf(tbs).includes(commonName)) return undefined;
      return 'the common name is a DNS name and stands not among the DNS names: whoever looks there would not find it';
    },
  },
  {
    id: 'subject-alternative-name',
    reference: 'RFC 5280 §4.2.1.6',
    check: whenPresent(Oid.subjectAltName, false, ({ value }) => {
      const list = DerReader.only(value, DerTag.sequence, 'the alternative names').enter();
      const names = list.rest('an alternative name');
      if (names.length === 0) return 'there is no name in it';
      if (names.some(({ tag }) => tag !== dnsNameTag)) return 'there is another name than a DNS name in it';
      for (const { content } of names) parseDnsName(content.toString('latin1'));
      return undefined;
    }),
  },
];
