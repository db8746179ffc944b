import { DerTag, element, implicit, namedBits, oid, sequence } from './der';
import { MalformedDer } from './der-reader';
import { foreignAuthorityKeyIdentifier, foreignKeyUsage, foreignPurposes } from './foreign-extensions';
import { Oid } from './oids';

const extension = (id: string, value: Buffer) => [{ id, critical: false, value }];

describe('an extension of a certificate that another tool has made', () => {
  it('gives the bits of the key usage', () => {
    expect(foreignKeyUsage(extension(Oid.keyUsage, namedBits([0, 5, 6])))).toEqual([0, 5, 6]);
  });

  it('gives the purposes', () => {
    const value = sequence(oid(Oid.clientAuth), oid('1.3.6.1.5.5.7.3.3'));
    expect(foreignPurposes(extension(Oid.extendedKeyUsage, value))).toEqual([Oid.clientAuth, '1.3.6.1.5.5.7.3.3']);
  });

  it('gives the key identifier beside which issuer and serial number stand, or nothing where only those do', () => {
    const others = [element(0xa1, Buffer.of(0xa4, 0)), implicit(2, Buffer.of(7))];
    const value = sequence(implicit(0, Buffer.of(1, 2)), ...others);
    expect(foreignAuthorityKeyIdentifier(extension(Oid.authorityKeyIdentifier, value))).toEqual(Buffer.of(1, 2));
    expect(foreignAuthorityKeyIdentifier(extension(Oid.authorityKeyIdentifier, sequence(...others)))).toHaveLength(0);
  });

  it.each([foreignKeyUsage, foreignPurposes, foreignAuthorityKeyIdentifier])(
    'may be missing, but not malformed',
    (read) => {
      expect(read([])).toBeUndefined();
      const malformed = [Oid.keyUsage, Oid.extendedKeyUsage, Oid.authorityKeyIdentifier].flatMap((id) =>
        extension(id, Buffer.of(DerTag.null, 0)),
      );
      expect(() => read(malformed)).toThrow(MalformedDer);
    },
  );
});
