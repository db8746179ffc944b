import { StartError } from '@libs/http';
import {
  InvalidControlChannelKey,
  loadTemplates,
  parseTlsCryptV2ServerKeys,
  TemplateError,
  Templates,
} from '@libs/openvpn';
import { Module } from '@nestjs/common';
import { FrontendConfig } from '../config/frontend.config';
import { ControlChannelKeys } from './control-channel-keys';

/** The template directory, every template of which has rendered, and the server keys, of which the first wraps client keys. */
@Module({
  providers: [
    { provide: Templates, useFactory: loadSiteTemplates, inject: [FrontendConfig] },
    { provide: ControlChannelKeys, useFactory: readControlChannelKeys, inject: [FrontendConfig] },
  ],
  exports: [Templates, ControlChannelKeys],
})
export class TemplatesModule {}

/** @throws StartError naming file, line and reason of a template that is broken */
async function loadSiteTemplates({ openvpn }: FrontendConfig): Promise<Templates> {
  try {
    return await loadTemplates(openvpn.templatesDirectory, { site: openvpn.site });
  } catch (error) {
    if (error instanceof TemplateError) throw new StartError(`A profile template cannot be used: ${error.message}`);
    throw error;
  }
}

/** @throws StartError when what is configured is not one key or several */
function readControlChannelKeys({ openvpn }: FrontendConfig): ControlChannelKeys {
  try {
    return new ControlChannelKeys(parseTlsCryptV2ServerKeys(openvpn.tlsCryptV2ServerKey));
  } catch (error) {
    if (error instanceof InvalidControlChannelKey) {
      throw new StartError(`OPENVPN_TLS_CRYPT_V2_SERVER_KEY cannot be used: ${error.message}`);
    }
    throw error;
  }
}
