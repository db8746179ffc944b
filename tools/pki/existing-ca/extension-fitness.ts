import {
  KeyUsage,
  Oid,
  type ParsedCertificate,
  basicConstraintsOf,
  extensionOf,
  foreignAuthorityKeyIdentifier,
  foreignKeyUsage,
  foreignPurposes,
  subjectKeyIdentifierOf,
} from '@libs/pki';
import type { CaSubject, FitnessCheck } from './ca-fitness';
import { type Finding, blocking, remark } from './finding';

const NAME_CONSTRAINTS = '2.5.29.30';
const ANY_PURPOSE = '2.5.29.37.0';

/** What services look at; another extension that is critical would be passed over, which RFC 5280 §4.2 forbids. */
const understood: readonly string[] = [
  Oid.basicConstraints,
  Oid.keyUsage,
  Oid.subjectKeyIdentifier,
  Oid.authorityKeyIdentifier,
  Oid.extendedKeyUsage,
  NAME_CONSTRAINTS,
];

/** Checks of the extensions of a CA. */
export const extensionChecks: readonly FitnessCheck[] = [
  { id: 'basic-constraints', check: basicConstraints },
  { id: 'path-length', check: pathLength },
  { id: 'key-usage', check: keyUsage },
  {
    id: 'subject-key-identifier',
    check: ({ certificate }) =>
      subjectKeyIdentifier(certificate) === undefined
        ? blocking('subject-key-identifier', 'It has no subject key identifier, by which CRLs are found.')
        : undefined,
  },
  { id: 'authority-key-identifier', check: authorityKeyIdentifier },
  {
    id: 'name-constraints',
    check: ({ certificate }) =>
      extensionOf(certificate.tbs.extensions, NAME_CONSTRAINTS) === undefined
        ? undefined
        : blocking('name-constraints', 'It has name constraints, which services do not evaluate when they issue.'),
  },
  { id: 'extended-key-usage', check: purposes },
  {
    id: 'critical-extension',
    check: ({ certificate }) => {
      const unknown = certificate.tbs.extensions.filter(({ id, critical }) => critical && !understood.includes(id));
      if (unknown.length === 0) return undefined;
      const ids = unknown.map(({ id }) => id).join(', ');
      return blocking('critical-extension', `It has critical extensions that services do not evaluate: ${ids}.`);
    },
  },
];

function basicConstraints({ certificate }: CaSubject): Finding | undefined {
  const extension = extensionOf(certificate.tbs.extensions, Oid.basicConstraints);
  if (extension === undefined || !basicConstraintsOf(extension.value).ca) {
    return blocking('basic-constraints', 'It is not the certificate of a CA.');
  }
  return extension.critical
    ? undefined
    : remark('basic-constraints', 'Its basic constraints are not critical, as RFC 5280 §4.2.1.9 demands.');
}

function pathLength({ certificate, role }: CaSubject): Finding | undefined {
  const extension = extensionOf(certificate.tbs.extensions, Oid.basicConstraints);
  if (extension === undefined) return undefined;
  const { ca, pathLength: found } = basicConstraintsOf(extension.value);
  const ours = role === 'root' ? 1 : 0;
  if (!ca || found === ours) return undefined;
  if (role === 'root' && found === 0) {
    return blocking('path-length', 'Its path length is 0: it may have no intermediate below it.');
  }
  const text = found === undefined ? 'is not limited' : `is ${found}`;
  return remark('path-length', `Its path length ${text}; a new ${role} would have ${ours}.`);
}

function keyUsage({ certificate }: CaSubject): Finding | undefined {
  const bits = foreignKeyUsage(certificate.tbs.extensions);
  if (bits === undefined) return blocking('key-usage', 'It has no key usage.');
  if (!bits.includes(KeyUsage.keyCertSign) || !bits.includes(KeyUsage.crlSign)) {
    return blocking('key-usage', 'Its key usage does not allow it to sign certificates and CRLs.');
  }
  if (extensionOf(certificate.tbs.extensions, Oid.keyUsage)?.critical !== true) {
    return remark('key-usage', 'Its key usage is not critical, as RFC 5280 §4.2.1.3 recommends.');
  }
  return bits.length > 2 ? remark('key-usage', 'Its key usage allows more than certificates and CRLs.') : undefined;
}

function authorityKeyIdentifier({ certificate, root }: CaSubject): Finding | undefined {
  if (root === undefined) return undefined;
  const named = foreignAuthorityKeyIdentifier(certificate.tbs.extensions);
  if (named === undefined || named.length === 0) {
    return remark('authority-key-identifier', "It does not name its root's key identifier.");
  }
  return subjectKeyIdentifier(root)?.equals(named) === true
    ? undefined
    : blocking('authority-key-identifier', "It names another key identifier than its root's.");
}

function purposes({ certificate }: CaSubject): Finding | undefined {
  const found = foreignPurposes(certificate.tbs.extensions);
  if (found === undefined || found.includes(ANY_PURPOSE)) return undefined;
  return found.includes(Oid.clientAuth) && found.includes(Oid.serverAuth)
    ? remark('extended-key-usage', 'It is limited to some purposes; those of client and server are among them.')
    : blocking('extended-key-usage', 'It is limited to purposes that do not include client and server authentication.');
}

function subjectKeyIdentifier({ tbs }: ParsedCertificate): Buffer | undefined {
  const extension = extensionOf(tbs.extensions, Oid.subjectKeyIdentifier);
  return extension && subjectKeyIdentifierOf(extension);
}
