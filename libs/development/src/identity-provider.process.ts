import { type IdentityProviderOptions, startIdentityProvider } from './identity-provider';

/**
 * The identity provider as a process of its own, started with `fork`. Options arrive as JSON in the first argument,
 * `{ issuer }` goes to the parent once it answers, and it ends with its parent.
 */
async function main(): Promise<void> {
  const options = JSON.parse(process.argv[2] ?? '') as IdentityProviderOptions;
  const { issuer } = await startIdentityProvider(options);
  process.on('disconnect', () => process.exit(0));
  process.send?.({ issuer });
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
});
