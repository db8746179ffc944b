import { CurrentUser, Roles } from '@libs/auth';
import type { Principal } from '@libs/auth';
import { AnswerHeaders, Refuses } from '@libs/http';
import { Body, Controller, Get, Header, Headers, Patch, Res } from '@nestjs/common';
import { ApiHeader, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { ChangeSettingsDto, settingsResponse } from './settings.dto';
import type { SettingsResponse } from './settings.dto';
import { SettingsVersionRequired } from './settings.errors';
import { Settings } from './settings.service';
import type { SettingsInForce } from './settings.service';

const VERSION = { ETag: 'The version; another after every change.' };

/** What administrators may set while the service runs. */
@ApiTags('Settings')
@Controller('api/v1/admin/settings')
@Roles('service_administrator')
export class SettingsController {
  constructor(private readonly settings: Settings) {}

  /** The settings in force, with their version as ETag. */
  @Get()
  @Header('Cache-Control', 'no-store')
  @AnswerHeaders(VERSION)
  async read(@Res({ passthrough: true }) response: Response): Promise<SettingsResponse> {
    return answer(response, await this.settings.read());
  }

  /** Changes settings. Needs `If-Match` with the ETag of what was read: of two changes at once the second is refused. */
  @Patch()
  @Header('Cache-Control', 'no-store')
  @AnswerHeaders(VERSION)
  @ApiHeader({ name: 'If-Match', required: true, description: 'The ETag of the settings that were read' })
  @Refuses(412, 'settings_changed_meanwhile')
  @Refuses(428, 'settings_version_required')
  async change(
    @Body() body: ChangeSettingsDto,
    @Headers('if-match') ifMatch: string | undefined,
    @CurrentUser() user: Principal,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SettingsResponse> {
    return answer(response, await this.settings.change(body, versionsIn(ifMatch), user));
  }
}

function answer(response: Response, settings: SettingsInForce): SettingsResponse {
  response.set('ETag', `"${String(settings.version)}"`);
  return settingsResponse(settings);
}

/**
 * The versions that an `If-Match` header names (RFC 9110 §13.1.1). `*` would be a change to whatever stands there, and a
 * weak tag never matches strongly.
 */
function versionsIn(ifMatch: string | undefined): readonly number[] {
  const tags = (ifMatch ?? '').slice(0, 1_000).matchAll(/(?:^|,)\s*"(\d{1,9})"\s*(?=,|$)/g);
  const versions = [...tags].map(([, version]) => Number(version));
  if (versions.length === 0) throw new SettingsVersionRequired();
  return versions;
}
