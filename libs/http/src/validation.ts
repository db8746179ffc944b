import { ValidationPipe, type ValidationError } from '@nestjs/common';
import { DomainError, type FieldError } from './domain-error';

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

/** Unknown fields are refused, known ones are checked by their class-validator decorators and converted to their declared types. */
export function validationPipe(): ValidationPipe {
  return new ValidationPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    transform: true,
    stopAtFirstError: true,
    exceptionFactory: (errors) => new InvalidRequest(errors.flatMap((error) => fieldErrors(error, ''))),
  });
}

function fieldErrors(error: ValidationError, parent: string): FieldError[] {
  const field = parent === '' ? error.property : `${parent}.${error.property}`;
  const own = Object.values(error.constraints ?? {}).map((message) => ({ field, message }));
  return [...own, ...(error.children ?? []).flatMap((child) => fieldErrors(child, field))];
}
