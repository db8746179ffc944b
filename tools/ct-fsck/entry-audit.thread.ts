import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { EntryAuditor, EntryAuditResult } from './entry-audit';

/** What it keeps lives outside of its heap, and what it throws away need not lie about for long. */
const LIMITS = { maxYoungGenerationSizeMb: 24 } as const;

/** An entry audit beside everything else: it takes about as long as all other checks together. */
export const auditEntriesAside: EntryAuditor = async (request) => {
  const worker = new Worker(require.resolve('./entry-audit.worker'), { workerData: request, resourceLimits: LIMITS });
  try {
    const [result] = (await once(worker, 'message')) as [EntryAuditResult];
    return result;
  } finally {
    await worker.terminate();
  }
};
