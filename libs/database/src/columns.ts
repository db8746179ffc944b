import { Column } from 'typeorm';

interface UtcColumnOptions {
  readonly name: string;
  readonly nullable?: boolean;
}

/**
 * A moment in UTC with milliseconds. The column's type is left to the dialect (the hand-written schema says
 * timestamptz(3) on PostgreSQL), so that the same entity serves both databases.
 */
export function UtcColumn(options: UtcColumnOptions): PropertyDecorator {
  return Column({ name: options.name, type: Date, nullable: options.nullable ?? false });
}
