import { verify } from 'node:crypto';
import { contentOf, testAuthority } from '../test/fixtures';
import { buildTbs } from './certificate';
import { parseCertificate } from './certificate-reader';
import { profiles } from './certificate-profiles';
import { caKeyAlgorithms, generateKeyPair } from './key-pair';
import { LintFailed } from './lint';
import { signLinted } from './linted-certificate';
import { signWithKey, signatureAlgorithmOf } from './signature-algorithm';
import { signToThrowAway } from './throw-away-key';

describe('a certificate that is linted before it is signed', () => {
  it.each(['P-256', 'Ed25519', 'RSA-3072'] as const)(
    'is signed by the CA with the linted bytes in it (%s)',
    async (algorithm) => {
      const { issuer, privateKey } = (await testAuthority(algorithm)).intermediate;
      const tbs = buildTbs(issuer, await contentOf('user'));
      const signed: Buffer[] = [];
      const der = await signLinted(
        { tbs, profile: profiles.user, issuer, algorithm: issuer.signatureAlgorithm },
        (data) => {
          signed.push(data);
          return signWithKey(privateKey, data);
        },
      );
      const certificate = parseCertificate(der);
      expect(issuer.issued(certificate)).toBe(true);
      expect(certificate.tbs.der).toEqual(tbs);
      expect(signed).toEqual([tbs]);
    },
  );

  it('is never shown to the key of the CA when a check finds something', async () => {
    const { issuer } = (await testAuthority()).intermediate;
    const tbs = buildTbs(issuer, { ...(await contentOf('user')), profile: profiles['intermediate-ca'] });
    let asked = 0;
    const signing = signLinted({ tbs, profile: profiles.user, issuer, algorithm: issuer.signatureAlgorithm }, () => {
      asked += 1;
      return Buffer.alloc(70);
    });
    await expect(signing).rejects.toThrow(LintFailed);
    expect(asked).toBe(0);
  });

  it('is refused when something has changed the bytes between lint and signature', async () => {
    const { issuer, privateKey } = (await testAuthority()).intermediate;
    const tbs = buildTbs(issuer, await contentOf('user'));
    const signing = signLinted(
      { tbs, profile: profiles.user, issuer, algorithm: issuer.signatureAlgorithm },
      (data) => {
        data.writeUInt8(data.readUInt8(30) ^ 1, 30);
        return signWithKey(privateKey, data);
      },
    );
    await expect(signing).rejects.toThrow('not the linted one');
  });
});

describe('the throw-away key', () => {
  it.each(caKeyAlgorithms)('signs by the algorithm of the CA (%s), and not with its key', async (keyAlgorithm) => {
    const ca = await generateKeyPair(keyAlgorithm);
    const algorithm = signatureAlgorithmOf(ca.publicKey);
    const data = Buffer.from('to be signed');
    const signature = await signToThrowAway(algorithm, data);
    expect(verify(algorithm.digest, data, ca.publicKey, signature)).toBe(false);
  });
});
