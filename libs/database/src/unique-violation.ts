import { QueryFailedError } from 'typeorm';

const POSTGRES_UNIQUE_VIOLATION = '23505';

interface DriverError extends Error {
  readonly code?: unknown;
}

/** @returns whether a statement failed because a row with the same unique value exists already */
export function isUniqueViolation(error: unknown): boolean {
  if (!(error instanceof QueryFailedError)) return false;
  const { code, message } = error.driverError as DriverError;
  return code === POSTGRES_UNIQUE_VIOLATION || message.includes('UNIQUE constraint failed');
}
