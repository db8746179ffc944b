export * from './defaults';
export * from './embedded-postgres';
export * from './identity-provider';
export * from './identity-provider-accounts';
export * from './pki';
export * from './prepare';
export * from './secrets';
