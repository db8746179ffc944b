import { applyDecorators, type ArgumentMetadata, ValidationPipe, type ValidationError } from '@nestjs/common';
import { IsInt, Max, Min } from 'class-validator';
import { DomainError, type FieldError } from './domain-error';
import { unfitValueIn } from './well-formed-values';

/** The request's body, query or parameters do not fit: 422 with every wrong field; nothing was done. */
export class InvalidRequest extends DomainError {
  constructor(errors: readonly FieldError[]) {
    super({
      code: 'invalid_request',
      status: 422,
      title: 'The request is not valid',
      detail: errors
        .map((error) => error.message)
        .join('; ')
        .slice(0, 1000),
      errors,
    });
  }
}

/** Looks at what is in every text before the rules of a DTO do, some of which fail on what is none. */
class RequestPipe extends ValidationPipe {
  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    // A query without a DTO is for the route to judge: to a spent link it is no more than a wrong one.
    const isJudged = metadata.type === 'body' || (metadata.type === 'query' && this.toValidate(metadata));
    const error = isJudged ? unfitValueIn(value) : undefined;
    if (error !== undefined) throw new InvalidRequest([error]);
    return super.transform(value, metadata);
  }
}

/** Unknown fields are refused, known ones are checked by their class-validator decorators and converted to their declared types. */
export function validationPipe(): ValidationPipe {
  return new RequestPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    transform: true,
    exceptionFactory: (errors) => new InvalidRequest(errors.flatMap((error) => fieldErrors(error, ''))),
  });
}

function fieldErrors(error: ValidationError, parent: string): FieldError[] {
  const field = parent === '' ? error.property : `${parent}.${error.property}`;
  const message = messageOf(error);
  const own = message === undefined ? [] : [{ field, message }];
  return [...own, ...(error.children ?? []).flatMap((child) => fieldErrors(child, field))];
}

/** One reason for each field: a limit says nothing to a value that is missing or of the wrong type. */
function messageOf({ property, value, constraints = {} }: ValidationError): string | undefined {
  if (constraints[UNKNOWN_FIELD] !== undefined) return constraints[UNKNOWN_FIELD];
  const [first, ...others] = Object.entries(constraints).sort(([one], [other]) => rankOf(one) - rankOf(other));
  if (first === undefined) return undefined;
  const [constraint, message] = first;
  const isMissing = value === undefined || value === null;
  // Where nothing but the choice of values is said, the choice is what the caller needs.
  const tells = constraint === 'isIn' && others.length === 0;
  if (isMissing) return tells ? `${property} is required: ${message}` : `${property} is required`;
  return message;
}

const UNKNOWN_FIELD = 'whitelistValidation';

/** class-validator's constraints on a value's type; the others take the type for granted. */
const TYPES = ['isDefined', 'isArray', 'isObject', 'isString', 'isBoolean', 'isNumber', 'isInt', 'isIn', 'isEnum'];

function rankOf(constraint: string): number {
  const rank = TYPES.indexOf(constraint);
  return rank === -1 ? TYPES.length : rank;
}

/** A whole number in a range, both ends included; one message whatever is wrong with it. */
export const IsWholeNumber = (min: number, max: number) => {
  const message = `$property must be a whole number from ${String(min)} to ${String(max)}`;
  return applyDecorators(IsInt({ message }), Min(min, { message }), Max(max, { message }));
};
