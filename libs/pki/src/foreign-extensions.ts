import { DerTag } from './der';
import { DerReader, oidText, setBits } from './der-reader';
import { type ParsedExtension, extensionOf } from './certificate-reader';
import { Oid } from './oids';

/**
 * Extensions of certificates that other tools have made: read as RFC 5280 allows them, where the lint wants them as ours are. Each
 * is undefined where the extension is missing; a malformed one is a MalformedDer.
 */

/** The set bits of the key usage (RFC 5280 §4.2.1.3). */
export function foreignKeyUsage(extensions: readonly ParsedExtension[]): readonly number[] | undefined {
  const extension = extensionOf(extensions, Oid.keyUsage);
  return extension && setBits(DerReader.only(extension.value, DerTag.bitString, 'the key usage'), 'the key usage');
}

/** The purposes of the extended key usage, as dotted object identifiers (§4.2.1.12). */
export function foreignPurposes(extensions: readonly ParsedExtension[]): readonly string[] | undefined {
  const extension = extensionOf(extensions, Oid.extendedKeyUsage);
  if (extension === undefined) return undefined;
  const list = DerReader.only(extension.value, DerTag.sequence, 'the extended key usage').enter();
  return list.rest('a purpose').map((item) => oidText(item, 'a purpose'));
}

/**
 * The key identifier of the authority key identifier (§4.2.1.1), which may name issuer and serial number as well; empty where it
 * names only those.
 */
export function foreignAuthorityKeyIdentifier(extensions: readonly ParsedExtension[]): Buffer | undefined {
  const extension = extensionOf(extensions, Oid.authorityKeyIdentifier);
  if (extension === undefined) return undefined;
  const fields = DerReader.only(extension.value, DerTag.sequence, 'the authority key identifier').enter();
  return fields.optional(0x80, 'the key identifier')?.content ?? Buffer.alloc(0);
}
