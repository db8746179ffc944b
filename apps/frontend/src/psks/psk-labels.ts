import { ValidateBy } from 'class-validator';

const MAX_LABELS = 16;
const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;
const VALUE = /^\P{Cc}{0,200}$/u;

/** A plain object of short names and texts. */
export const AreLabels = (): PropertyDecorator =>
  ValidateBy(
    { name: 'areLabels', validator: { validate: areLabels } },
    {
      message:
        '$property must be an object of at most 16 names (a-z, 0-9, ".", "_", "-"; at most 63), each with a text of at most 200 characters',
    },
  );

function areLabels(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const labels = Object.entries(value);
  return (
    labels.length <= MAX_LABELS &&
    labels.every(([name, text]) => NAME.test(name) && typeof text === 'string' && VALUE.test(text))
  );
}
