import { FailPoints } from '@libs/config';

/** One between any two steps of writing a batch, in their order. */
export const failPoints = new FailPoints(['batch-composed', 'batch-committed', 'batch-anchored', 'batch-answered']);
