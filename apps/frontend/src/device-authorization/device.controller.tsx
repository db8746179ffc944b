import { AccessDenied, type AuthenticatedRequest, CurrentUser, type Principal, Public, Roles } from '@libs/auth';
import { Body, Controller, Get, Header, Logger, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { IsIn, IsString, MaxLength } from 'class-validator';
import type { Response } from 'express';
import type { PageContext, SignedIn } from '../portal/layout';
import { pageContext } from '../portal/page-context';
import { renderPage } from '../portal/render-page';
import { Settings } from '../settings/settings.service';
import type { DeviceAuthorization, DeviceDecision } from './device-authorization.entity';
import { DeviceAuthorizations } from './device-authorizations.service';
import {
  DEVICE_PATH,
  DeviceCodePage,
  DeviceConfirmationPage,
  DeviceDecidedPage,
  type WaitingDevice,
} from './device.page';
import { parseUserCode } from './user-code';

const DECISIONS = ['approved', 'refused'] as const;
const UNKNOWN_CODE = 'No device waits with this code. It may have expired: look at the device again.';

class DecisionForm {
  @IsString()
  @MaxLength(16)
  user_code: string;

  @IsIn(DECISIONS)
  decision: DeviceDecision;
}

/** Where a person says yes or no to a device without a browser (RFC 8628 §3.3). */
@ApiExcludeController()
@Controller('device')
export class DeviceController {
  private readonly logger = new Logger('DeviceAuthorization');

  constructor(
    private readonly authorizations: DeviceAuthorizations,
    private readonly settings: Settings,
  ) {}

  /** A visitor is led through the login and comes back with the code they brought. */
  @Public()
  @Get()
  async ask(@Req() request: AuthenticatedRequest, @Res() response: Response): Promise<void> {
    response.set('Cache-Control', 'no-store');
    const context = pageContext(this.settings.recent(), request);
    const { user_code: typed } = request.query;
    const { person } = context;
    if (!person) {
      const code = parseUserCode(typed);
      const next = code === undefined ? DEVICE_PATH : `${DEVICE_PATH}?user_code=${code}`;
      response.redirect(`/auth/login?${new URLSearchParams({ next }).toString()}`);
      return;
    }
    if (!person.principal.roles.includes('user')) throw new AccessDenied();
    response.type('html').send(await this.page(context, person, typed));
  }

  @Roles('user')
  @Post()
  @Header('Cache-Control', 'no-store')
  async decide(
    @CurrentUser() user: Principal,
    @Body() { user_code, decision }: DecisionForm,
    @Req() request: AuthenticatedRequest,
    @Res() response: Response,
  ): Promise<void> {
    const context = pageContext(this.settings.recent(), request);
    const code = parseUserCode(user_code);
    const counts = code !== undefined && (await this.authorizations.decide(code, decision, user.userId));
    response.type('html');
    if (!counts) {
      response.status(422).send(renderPage(<DeviceCodePage context={context} problem={UNKNOWN_CODE} />));
      return;
    }
    this.logger.log({ msg: 'device decided upon', decision, user_id: user.userId });
    response.send(renderPage(<DeviceDecidedPage context={context} approved={decision === 'approved'} />));
  }

  private async page(context: PageContext, person: SignedIn, typed: unknown): Promise<string> {
    if (typed === undefined) return renderPage(<DeviceCodePage context={context} problem={undefined} />);
    const userCode = parseUserCode(typed);
    const waiting =
      userCode === undefined ? null : await this.authorizations.waiting(userCode, person.principal.userId);
    if (waiting === null || userCode === undefined) {
      return renderPage(<DeviceCodePage context={context} problem={UNKNOWN_CODE} />);
    }
    const device = shown(userCode, waiting);
    return renderPage(<DeviceConfirmationPage context={context} person={person} device={device} />);
  }
}

function shown(userCode: string, authorization: DeviceAuthorization): WaitingDevice {
  return {
    userCode,
    name: authorization.deviceName ?? 'says nothing about itself',
    address: authorization.clientAddress ?? 'unknown',
    program: authorization.userAgent ?? 'unknown',
    since: authorization.createdAt,
  };
}
