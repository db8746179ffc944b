import { SetMetadata } from '@nestjs/common';

/** An answer of a route that its return type does not tell. */
export interface AnswerOptions {
  readonly description: string;
  /** Media types that it comes as; an answer with neither these nor `json` has no body. */
  readonly content?: readonly string[];
  /** Name of the TypeScript type that it has as `application/json`. */
  readonly json?: string;
  /** Headers that are part of the answer: what each says. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface DocumentedAnswer extends AnswerOptions {
  readonly status: number;
}

export interface DocumentedRefusal {
  readonly status: number;
  readonly codes: readonly string[];
}

const ANSWERS = 'api:answers';
const REFUSALS = 'api:refusals';
const ANSWER_HEADERS = 'api:answer-headers';

type Target = abstract new (...parameters: never[]) => object;
type Handler = (...parameters: never[]) => unknown;

/**
 * For the API document: what a handler answers that writes to the response by itself, or answers besides what it returns. Nothing
 * at run time depends on it.
 */
export const Answers = (status: number, options: AnswerOptions) => adding(ANSWERS, { status, ...options });

/**
 * For the API document: a status that is no success, and the problem codes that come with it. What follows from the access
 * decision, the validation and the body needs no mention.
 */
export const Refuses = (status: number, ...codes: [string, ...string[]]) => adding(REFUSALS, { status, codes });

/** For the API document: headers of what a handler returns, and what they say. */
export const AnswerHeaders = (headers: Readonly<Record<string, string>>) => SetMetadata(ANSWER_HEADERS, headers);

/** What has been said of a handler, or of all handlers of a controller. */
export function documentedAnswers(target: Target | Handler): readonly DocumentedAnswer[] {
  return metadataOf(ANSWERS, target) as readonly DocumentedAnswer[];
}

export function documentedRefusals(target: Target | Handler): readonly DocumentedRefusal[] {
  return metadataOf(REFUSALS, target) as readonly DocumentedRefusal[];
}

export function documentedHeaders(target: Handler): Readonly<Record<string, string>> {
  return (Reflect.getMetadata(ANSWER_HEADERS, target) ?? {}) as Readonly<Record<string, string>>;
}

/** Several decorators of one kind add up, in the order in which they stand. */
function adding(key: string, value: object): ClassDecorator & MethodDecorator {
  return (target: object, _property?: unknown, descriptor?: PropertyDescriptor) => {
    const decorated = (descriptor?.value ?? target) as Handler;
    Reflect.defineMetadata(key, [value, ...metadataOf(key, decorated)], decorated);
  };
}

function metadataOf(key: string, target: Target | Handler): readonly unknown[] {
  return (Reflect.getMetadata(key, target) ?? []) as readonly unknown[];
}
