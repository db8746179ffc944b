export * from './columns';
export * from './data-source';
export * from './dialect';
export * from './migration-lock';
export * from './migrations';
export * from './refuse-data-loss';
export * from './unit-of-work';
export * from './utc';
