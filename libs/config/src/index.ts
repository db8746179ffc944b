export * from './environment-reader';
export * from './service-settings';
export * from './start-error';
export * from './fail-points';
