import type { Config } from 'jest';

/** Unit and integration tests, over every app, lib and tool. The system tests have their own file: jest.system.config.ts. */
const config: Config = {
  rootDir: '.',
  testEnvironment: 'node',
  testMatch: ['<rootDir>/{apps,libs,tools,test/e2e}/**/*.spec.{ts,tsx}'],
  globalSetup: '<rootDir>/test/global-setup.ts',
  globalTeardown: '<rootDir>/test/global-teardown.ts',
  setupFiles: ['reflect-metadata'],
  transform: { '\\.[jt]sx?$': '@swc/jest' },
  transformIgnorePatterns: ['/node_modules/(?!(jose)/)'],
  moduleNameMapper: { '^@libs/([^/]+)$': '<rootDir>/libs/$1/src' },
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/.data'],
  coverageProvider: 'v8',
  testTimeout: 30_000,
  maxWorkers: 2,
};

export default config;
