/** What takes too much to be shown here, and which spec shows it in the part that decides, by which words. */
export const SHOWN_ELSEWHERE: Readonly<Record<string, { readonly spec: string; readonly words: string }>> = {
  // More than 65,536 certificates.
  bulk_too_large: { spec: 'apps/certtransparency/src/audit/bulk-decision.spec.ts', words: 'toThrow(BulkTooLarge)' },
  // An entry that only two releases which do not fit together would disagree about.
  log_refused_entry: { spec: 'apps/signing/src/log/entry-refused.spec.ts', words: 'toThrow(EntryRefused)' },
  // A log that takes its leave while it is asked.
  log_stopping: { spec: 'apps/certtransparency/src/audit/sequencer.spec.ts', words: 'toThrow(LogStopping)' },
  // A certificate that takes longer to make than reconciliation waits.
  issuance_timed_out: { spec: 'apps/frontend/test/downloads.spec.ts', words: "code: 'issuance_timed_out'" },
};
