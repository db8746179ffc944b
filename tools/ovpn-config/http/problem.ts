import { ExitStatus, Failed } from '../failed';
import type { Answer } from './frontend-client';

/** An answer that is not a success: a problem document (RFC 9457), or what can be told without one. */
export interface Problem {
  readonly status: number;
  readonly code: string;
  /** A sentence without its full stop. */
  readonly title: string;
  readonly details: readonly string[];
  readonly retryAfterSeconds: number | undefined;
}

export function problemOf({ status, headers, body }: Answer): Problem {
  const document = objectIn(body);
  const { code, title, detail, errors } = document;
  const seconds = Number(headers['retry-after']);
  return {
    status,
    code: typeof code === 'string' ? code : '',
    title: typeof title === 'string' ? title : `The frontend answered ${status}`,
    details: [...(typeof detail === 'string' ? [detail] : []), ...fieldMessages(errors)],
    retryAfterSeconds: Number.isInteger(seconds) && seconds >= 0 ? seconds : undefined,
  };
}

/** What a problem means to whoever started the program. */
export function refusal({ status, title, details, retryAfterSeconds }: Problem): Failed {
  const text = [title, ...details].map((sentence) => sentence.replace(/\.?$/, '.')).join(' ');
  if (status === 401) return new Failed(ExitStatus.notSignedIn, text);
  if (status === 429 || status >= 500) {
    const later = retryAfterSeconds === undefined ? '' : ` Try again in ${retryAfterSeconds} seconds.`;
    return new Failed(ExitStatus.unavailable, `${text}${later}`);
  }
  return new Failed(status >= 400 ? ExitStatus.refused : ExitStatus.unavailable, text);
}

function fieldMessages(errors: unknown): string[] {
  if (!Array.isArray(errors)) return [];
  return errors.flatMap((item: unknown) => {
    const message = typeof item === 'object' && item !== null && 'message' in item ? item.message : undefined;
    return typeof message === 'string' ? [message] : [];
  });
}

function objectIn(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
