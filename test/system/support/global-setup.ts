import { requireSystem } from './prerequisites';

/** Before the first test, so that a machine without OpenVPN gets one sentence and not one failure for each test. */
export default function globalSetup(): void {
  requireSystem();
}
