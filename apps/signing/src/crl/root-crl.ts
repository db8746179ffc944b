import { Logger } from '@nestjs/common';
import { type CrlFiles } from './crl-files';
import type { PublishedCrl } from './published-crl';

/** The CRL of the root. It is signed elsewhere and put into the folder; a newer one is taken up while the service runs. */
export class RootCrl {
  private readonly logger = new Logger('RootCrl');
  private crl: PublishedCrl | undefined;

  constructor(private readonly files: CrlFiles) {}

  get current(): PublishedCrl | undefined {
    return this.crl;
  }

  /** @throws StartError */
  async load(): Promise<void> {
    this.crl = await this.files.readRoot();
  }

  /** Takes up a newer one; keeps what it has when there is none, or none that is good. */
  async refresh(): Promise<void> {
    try {
      const read = await this.files.readRoot();
      if (read.number > (this.crl?.number ?? 0n)) this.crl = read;
    } catch (error) {
      this.logger.error({ msg: 'root CRL not usable', err: error });
    }
  }
}
