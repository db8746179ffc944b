export * from './browser';
export * from './databases';
export * from './fixed-clock';
export * from './postgres';
export * from './identity-provider';
