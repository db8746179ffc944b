/** The `code` of a system error (`ENOENT`, `EADDRINUSE`); undefined for anything else. Not by instanceof: errors cross realms. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
