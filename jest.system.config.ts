import type { Config } from 'jest';
import base from './jest.config';

/** The whole product against a real OpenVPN and a real browser: as root, with Debian's openvpn, iproute2 and chromium. */
const config: Config = {
  ...base,
  testMatch: ['<rootDir>/test/system/**/*.spec.ts'],
  globalSetup: '<rootDir>/test/system/support/global-setup.ts',
  testTimeout: 120_000,
};

export default config;
