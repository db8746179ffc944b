import { CertificateLog, HttpCertificateLog, JsonClient } from '@libs/contracts';
import { Injectable, Module, type OnApplicationShutdown } from '@nestjs/common';
import { SigningConfig } from '../config/signing.config';

/** The connections to the log. They close after the last request has been answered, which may still need them. */
@Injectable()
class LogConnections implements OnApplicationShutdown {
  readonly client: JsonClient;

  constructor({ log }: SigningConfig) {
    this.client = new JsonClient({ baseUrl: log.url, ...log, service: 'certtransparency' });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.client.close();
  }
}

/** The log to append to. */
@Module({
  providers: [
    LogConnections,
    {
      provide: CertificateLog,
      useFactory: (connections: LogConnections) => new HttpCertificateLog(connections.client),
      inject: [LogConnections],
    },
  ],
  exports: [CertificateLog],
})
export class LogModule {}
