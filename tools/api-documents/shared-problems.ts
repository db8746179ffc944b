import { isDeepStrictEqual } from 'node:util';
import { codesOf, PROBLEM_TYPE } from './problems';
import type { Answer, Document } from './schema';

/** Problems that several operations answer alike stand in the document once, under their status and codes. */
export function shareProblems(document: Document): void {
  const shared: Record<string, Answer> = {};
  for (const operations of Object.values(document.paths)) {
    for (const { responses } of Object.values(operations)) {
      for (const [status, answer] of Object.entries(responses)) {
        if ('$ref' in answer || answer.content?.[PROBLEM_TYPE] === undefined) continue;
        const name = [status, ...codesOf(answer)].join('.');
        shared[name] ??= answer;
        // One with examples of its own stays where it is.
        if (isDeepStrictEqual(shared[name], answer)) responses[status] = { $ref: `#/components/responses/${name}` };
      }
    }
  }
  document.components.responses = Object.fromEntries(
    Object.entries(shared).sort(([one], [other]) => (one < other ? -1 : 1)),
  );
}
