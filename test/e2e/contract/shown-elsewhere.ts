/** What takes too much to be shown here, and which spec shows it in the part that decides. */
export const SHOWN_ELSEWHERE: Readonly<Record<string, { readonly spec: string; readonly error: string }>> = {
  // More than 65,536 certificates.
  bulk_too_large: { spec: 'apps/certtransparency/src/audit/bulk-decision.spec.ts', error: 'BulkTooLarge' },
  // An entry that only two releases which do not fit together would disagree about.
  log_refused_entry: { spec: 'apps/signing/src/log/entry-refused.spec.ts', error: 'EntryRefused' },
};
