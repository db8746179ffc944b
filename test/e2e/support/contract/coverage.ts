import type { ApiDocument } from './api-document';
import type { ContractCase } from './contract-case';

/** Something that a document says an operation answers. */
export interface Promised {
  readonly operation: string;
  readonly status: number;
  /** Of the problem; undefined for a success, and for HEAD, whose answer does not say it. */
  readonly code: string | undefined;
}

export type Shown = Pick<ContractCase, 'operation' | 'status' | 'code'>;

/** All that a document says is answered. */
export function promisesOf(document: ApiDocument): readonly Promised[] {
  return document.operations.flatMap((operation) =>
    document.statuses(operation).flatMap((status): readonly Promised[] => {
      const codes = operation.startsWith('HEAD ') ? [] : document.codes(operation, status);
      return (codes.length === 0 ? [undefined] : codes).map((code) => ({ operation, status, code }));
    }),
  );
}

/** What a document says is answered and no case shows. */
export function uncovered(document: ApiDocument, cases: readonly Shown[]): readonly Promised[] {
  const key = ({ operation, status, code }: Shown) => `${operation} ${String(status)} ${code ?? ''}`;
  const shown = new Set(cases.map(key));
  return promisesOf(document).filter(({ operation, status, code }) => {
    return !shown.has(key({ operation, status, ...(code !== undefined && { code }) }));
  });
}

/** Operations of which no case succeeds. */
export function neverSuccessful(document: ApiDocument, cases: readonly Shown[]): readonly string[] {
  const successful = new Set(cases.filter(({ status }) => status < 400).map(({ operation }) => operation));
  return document.operations.filter((operation) => !successful.has(operation));
}
