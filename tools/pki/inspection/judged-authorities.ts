import { caFindings, isCa, isSelfIssued } from '../existing-ca/ca-fitness';
import { isSignedBy } from '../existing-ca/field-fitness';
import type { InspectedFile } from './inspected-file';

/** Holds every CA certificate against what services demand; above an intermediate stands whatever root is among the files. */
export function judgeAuthorities(files: readonly InspectedFile[], now: Date): Omit<InspectedFile, 'certificate'>[] {
  const roots = files.flatMap(({ certificate }) =>
    certificate !== undefined && isCa(certificate) && isSelfIssued(certificate) ? [certificate] : [],
  );
  return files.map(({ certificate, findings, ...file }) => {
    if (certificate === undefined || !isCa(certificate)) return { ...file, findings };
    const role = isSelfIssued(certificate) ? 'root' : 'intermediate';
    const root = role === 'root' ? undefined : roots.find((candidate) => isSignedBy(certificate, candidate));
    const judged = caFindings({ certificate, role, root, now });
    // Without its root among the files, nothing can be said about the signature.
    const told = role === 'intermediate' && root === undefined ? judged.filter(({ id }) => id !== 'signature') : judged;
    return { ...file, findings: [...findings, ...told] };
  });
}
