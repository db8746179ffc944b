export * from './wire';
export * from './private-context.dto';
export * from './json-client';
export * from './log/entries.dto';
export * from './log/log.client';
export * from './signing/certificates.dto';
export * from './signing/signing.client';
