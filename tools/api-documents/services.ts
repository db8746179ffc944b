import type { ServiceName } from '@libs/http';
import type { DynamicModule } from '@nestjs/common';
import { AppModule as CertTransparencyModule } from '../../apps/certtransparency/src/app.module';
import type { CertTransparencyConfig } from '../../apps/certtransparency/src/config/certtransparency.config';
import { AppModule as FrontendModule } from '../../apps/frontend/src/app.module';
import type { FrontendConfig } from '../../apps/frontend/src/config/frontend.config';
import { AppModule as SigningModule } from '../../apps/signing/src/app.module';
import type { Installation } from '../../apps/signing/src/installation';

/** A service as its API document needs it. */
export interface DescribedService {
  readonly title: string;
  readonly description: string;
  /** Folder of its sources. */
  readonly folder: string;
  /** Its modules, of which nothing is ever made: the configuration is one in name alone. */
  readonly module: () => DynamicModule;
}

/** What holds for every route. */
export const CONVENTIONS = [
  'Times are ISO 8601 in UTC, hashes and fingerprints lower-case hex, serial numbers upper-case hex. Fields of a body that are not documented are refused.',
  'What goes wrong is told by a problem document (RFC 9457), whose `code` is for programs and stays what it is; beside those that an operation names, any may answer 500 `internal_error`. An answer of 429 or 503 says in `Retry-After` when to come back.',
  'Every answer has an `X-Request-Id`, by which the logs know the request; one that comes with the request is kept. HEAD answers as GET does, without a body.',
];

const CONFIG = { listener: { logLevel: 'silent' }, databaseUrl: 'sqlite::memory:', pool: {} } as unknown;

export const SERVICES: Readonly<Record<ServiceName, DescribedService>> = {
  frontend: {
    title: 'OpenVPN Manager: frontend',
    description: 'Profiles, server bundles and their administration.',
    folder: 'apps/frontend',
    module: () => FrontendModule.for(CONFIG as FrontendConfig),
  },
  signing: {
    title: 'OpenVPN Manager: signing',
    description: 'Issues and revokes certificates, each of them in the log first, and publishes the CRL.',
    folder: 'apps/signing',
    module: () => SigningModule.for({ config: CONFIG } as Installation),
  },
  certtransparency: {
    title: 'OpenVPN Manager: certificate log',
    description:
      'The append-only log of every certificate operation, its proofs, and what is searched in it.\n\n' +
      'A log that finds another history in its database than the one it has shown signs nothing: until that is put right, what needs a checkpoint or an append is answered with 503 `log_behind_anchor`, `log_contradicts_anchor` or `foreign_checkpoint`.',
    folder: 'apps/certtransparency',
    module: () => CertTransparencyModule.for(CONFIG as CertTransparencyConfig),
  },
};
