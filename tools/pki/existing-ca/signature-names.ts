import { MalformedDer } from '@libs/pki';

/** Signature algorithms that services do not accept, by the bytes of their OBJECT IDENTIFIER. */
const names: ReadonlyMap<string, string> = new Map([
  ['2a864886f70d010104', 'MD5 with RSA'],
  ['2a864886f70d010105', 'SHA-1 with RSA'],
  ['2a864886f70d01010a', 'RSASSA-PSS'],
  ['2a864886f70d01010e', 'SHA-224 with RSA'],
  ['2a8648ce380403', 'SHA-1 with DSA'],
  ['2a8648ce3d0401', 'SHA-1 with ECDSA'],
  ['2a8648ce3d040301', 'SHA-224 with ECDSA'],
  ['2b6571', 'Ed448'],
]);

/** The name of an AlgorithmIdentifier that is not one of ours. */
export function foreignSignatureName(algorithm: Buffer): string {
  const length = algorithm[3];
  if (algorithm[2] !== 0x06 || length === undefined) throw new MalformedDer('the signature algorithm is malformed');
  const id = algorithm.subarray(4, 4 + length).toString('hex');
  return names.get(id) ?? `an algorithm that is not known here (${id})`;
}
