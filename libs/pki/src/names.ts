import { DerTag, element, implicit, oid, sequence, setOf, utf8String } from './der';
import { DerReader, MalformedDer, oidText } from './der-reader';
import { Oid } from './oids';

declare const commonNameBrand: unique symbol;
declare const dnsNameBrand: unique symbol;

/** A common name that follows the rules of {@link parseCommonName}. */
export type CommonName = string & { readonly [commonNameBrand]: true };

/** A lower-case host name in LDH form (RFC 5280 §4.2.1.6, RFC 1034 §3.5); no wildcard, no address. */
export type DnsName = string & { readonly [dnsNameBrand]: true };

/** A name breaks a rule. `message` is a sentence for the caller and never repeats the name. */
export class InvalidName extends Error {
  override readonly name = 'InvalidName';
}

/** RFC 5280, appendix A: ub-common-name. */
const maximumCommonNameLength = 64;

/**
 * 1 to 64 characters (code points). Refused: control and format characters (a line break would inject directives into a
 * profile, a bidi mark would make one name look like another), lone surrogates, line separators, leading or trailing blanks.
 */
export function parseCommonName(text: string): CommonName {
  const length = Array.from(text).length;
  if (length === 0) throw new InvalidName('The common name is empty.');
  if (length > maximumCommonNameLength) throw new InvalidName('The common name is longer than 64 characters.');
  if (/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(text)) {
    throw new InvalidName('The common name contains a control or formatting character.');
  }
  if (text.trim() !== text) throw new InvalidName('The common name begins or ends with a blank.');
  return text as CommonName;
}

const dnsLabel = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

export function parseDnsName(text: string): DnsName {
  const labels = text.split('.');
  if (text.length > 253) throw new InvalidName('A DNS name is longer than 253 characters.');
  if (!labels.every((label) => dnsLabel.test(label))) {
    throw new InvalidName('A DNS name has lower-case letters, digits and hyphens between dots, 63 at most in a label.');
  }
  if (/^\d+$/.test(labels[labels.length - 1] ?? '')) throw new InvalidName('A DNS name must not be an IP address.');
  return text as DnsName;
}

export function isDnsName(text: string): text is DnsName {
  try {
    parseDnsName(text);
    return true;
  } catch {
    return false;
  }
}

const commonNameOid = oid(Oid.commonName);

/** The DER of a Name with one attribute, the common name as UTF8String (RFC 5280 §4.1.2.4). */
export function nameDer(commonName: CommonName): Buffer {
  return sequence(setOf(sequence(commonNameOid, utf8String(commonName))));
}

/** The GeneralNames of a subjectAltName extension: dNSName is `[2] IMPLICIT IA5String`. */
export function dnsGeneralNames(names: readonly DnsName[]): Buffer {
  return element(DerTag.sequence, ...names.map((name) => implicit(2, Buffer.from(name, 'latin1'))));
}

/** The common name of a Name that has this one attribute, as UTF8String, and nothing else. */
export function onlyCommonName(name: Buffer): string {
  const relativeNames = DerReader.only(name, DerTag.sequence, 'the name').enter();
  const attributes = relativeNames.enter(DerTag.set, 'the relative name');
  relativeNames.end('the name');
  const attribute = attributes.enter(DerTag.sequence, 'the attribute');
  attributes.end('the relative name');
  const type = oidText(attribute.any('the attribute type'), 'the attribute type');
  if (type !== Oid.commonName) throw new MalformedDer('the name has another attribute than the common name');
  const value = attribute.next(DerTag.utf8String, 'the common name');
  attribute.end('the attribute');
  return decodeUtf8(value.content);
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeUtf8(bytes: Buffer): string {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    throw new MalformedDer('the common name is not UTF-8');
  }
}
