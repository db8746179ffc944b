import { Logger } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { type ListenerSettings, StartError } from '@libs/config';
import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { limitConnections } from './connection-limits';
import { errorCode } from './error-code';
import { managementServer } from './management';

export interface RunningService {
  readonly url: string;
  readonly managementUrl: string;
  readonly close: () => Promise<void>;
}

export { StartError };

/**
 * Opens both listeners, the management one first. Port 0 takes any free one.
 * @throws StartError when a port is taken or may not be opened
 */
export async function listen(app: NestExpressApplication, settings: ListenerSettings): Promise<RunningService> {
  limitConnections(app.getHttpServer());
  const management = managementServer(app);
  await opened(() => {
    management.listen(settings.managementPort, settings.managementHost);
    return once(management, 'listening');
  }, settings.managementPort);
  try {
    await opened(() => app.listen(settings.port, settings.host), settings.port);
  } catch (error) {
    management.close();
    throw error;
  }
  const server: Server = app.getHttpServer();
  server.once('close', () => {
    management.close();
    management.closeAllConnections();
  });
  const url = addressOf(server);
  const managementUrl = addressOf(management);
  new Logger('Service').log({ msg: 'service listening', url, management_url: managementUrl });
  return {
    url,
    managementUrl,
    close: () => app.close(),
  };
}

async function opened(open: () => Promise<unknown>, port: number): Promise<void> {
  try {
    await open();
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EADDRINUSE')
      throw new StartError(`Port ${String(port)} is taken: stop what listens there, or choose another port.`);
    if (code === 'EACCES')
      throw new StartError(`Port ${String(port)} may not be opened by this user: choose one above 1023.`);
    throw error;
  }
}

function addressOf(server: Server): string {
  const address = server.address() as AddressInfo;
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${host}:${String(address.port)}`;
}
