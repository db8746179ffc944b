import { type DynamicModule, Module } from '@nestjs/common';
import { CertificateFinder } from './certificate-finder';
import { CertificatesController } from './certificates.controller';
import { Revocations } from './revocations';
import { RevocationsController } from './revocations.controller';

@Module({ controllers: [CertificatesController, RevocationsController], providers: [CertificateFinder, Revocations] })
export class SearchModule {
  static with(log: DynamicModule, proofs: DynamicModule): DynamicModule {
    return { module: SearchModule, imports: [log, proofs] };
  }
}
