import { HttpCertificateLog, HttpSigningClient, JsonClient, LogReader, SigningClient } from '@libs/contracts';
import { Injectable, Module, type OnModuleDestroy } from '@nestjs/common';
import { FrontendConfig } from '../config/frontend.config';

/** The connections to the two services behind the frontend; closed with the app. */
@Injectable()
class UpstreamConnections implements OnModuleDestroy {
  readonly signing: JsonClient;
  readonly log: JsonClient;

  constructor({ signing, log }: FrontendConfig) {
    this.signing = new JsonClient({ baseUrl: signing.url, ...signing, service: 'signing' });
    this.log = new JsonClient({ baseUrl: log.url, ...log, service: 'certtransparency' });
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all([this.signing.close(), this.log.close()]);
  }
}

/** Provides SigningClient and LogReader. The frontend's key lets it read the log and nothing else. */
@Module({
  providers: [
    UpstreamConnections,
    {
      provide: SigningClient,
      useFactory: (connections: UpstreamConnections) => new HttpSigningClient(connections.signing),
      inject: [UpstreamConnections],
    },
    {
      provide: LogReader,
      useFactory: (connections: UpstreamConnections) => new HttpCertificateLog(connections.log),
      inject: [UpstreamConnections],
    },
  ],
  exports: [SigningClient, LogReader],
})
export class UpstreamsModule {}
