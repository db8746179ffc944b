import type { Config } from 'jest';
import base from './jest.config';

/** The certificate log at the size and under the strain that it is made for; minutes, not seconds. */
const config: Config = {
  ...base,
  testMatch: ['<rootDir>/test/log/**/*.spec.ts'],
  testTimeout: 600_000,
};

export default config;
