import { parentPort, workerData } from 'node:worker_threads';
import { auditEntries, type EntryAuditRequest } from './entry-audit';

// What fails here is an error event of the worker in the thread that started it.
void auditEntries(workerData as EntryAuditRequest).then((result) => {
  parentPort?.postMessage(result);
});
