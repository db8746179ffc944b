export * from './environment-reader';
export * from './service-settings';
