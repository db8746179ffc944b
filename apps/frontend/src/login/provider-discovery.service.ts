import { OidcLogin } from '@libs/auth';
import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';

/** Asks the identity provider about itself at start. Nothing waits for it: without it the first login asks. */
@Injectable()
export class ProviderDiscovery implements OnApplicationBootstrap {
  private readonly logger = new Logger('Login');

  constructor(private readonly login: OidcLogin) {}

  onApplicationBootstrap(): void {
    this.login.discover().catch(() => {
      this.logger.warn({ msg: 'the identity provider does not answer yet' });
    });
  }
}
