import { Credential } from '@libs/auth';
import { Body, Controller, Get, Head, Header, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import type { Psk } from '../psks/psk.entity';
import { PresentedPsk, PskGuard } from '../psks/psk.guard';
import { BundleIssuer } from './bundle-issuer.service';
import { idempotencyKeyOf } from './idempotency';
import { OwnKeyDto } from './own-key.dto';
import { attachmentHeaders, PROFILE_TYPE } from './profile-response';
import { type OwnKeyWish, ProfileIssuer } from './profile-issuer.service';
import { requestContextOf } from './request-context';

/** What machines fetch with a pre-shared key. HEAD tells whether the key is good, and uses nothing. */
@ApiTags('Machines')
@ApiBearerAuth()
@Controller('api/v1')
export class BundlesController {
  constructor(
    private readonly bundles: BundleIssuer,
    private readonly profiles: ProfileIssuer,
  ) {}

  @Head('server/bundle')
  @Credential(PskGuard('server'))
  @Header('Cache-Control', 'no-store')
  @Header('Content-Type', 'application/gzip')
  headServer(): void {
    return;
  }

  @Get('server/bundle')
  @Credential(PskGuard('server'))
  async getServer(@PresentedPsk() psk: Psk, @Req() request: Request, @Res() response: Response): Promise<void> {
    await this.sendServer(psk, {}, request, response);
  }

  /** With a `csr` the bundle has no `server.key`. */
  @Post('server/bundle')
  @Credential(PskGuard('server'))
  @HttpCode(200)
  async postServer(
    @PresentedPsk() psk: Psk,
    @Body() { csr }: OwnKeyDto,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.sendServer(psk, { csr, idempotencyKey: idempotencyKeyOf(request) }, request, response);
  }

  @Head('computer/bundle')
  @Credential(PskGuard('computer'))
  @Header('Cache-Control', 'no-store')
  @Header('Content-Type', PROFILE_TYPE)
  headComputer(): void {
    return;
  }

  @Get('computer/bundle')
  @Credential(PskGuard('computer'))
  async getComputer(@PresentedPsk() psk: Psk, @Req() request: Request, @Res() response: Response): Promise<void> {
    await this.sendComputer(psk, {}, request, response);
  }

  /** With a `csr` the profile has no key. */
  @Post('computer/bundle')
  @Credential(PskGuard('computer'))
  @HttpCode(200)
  async postComputer(
    @PresentedPsk() psk: Psk,
    @Body() { csr }: OwnKeyDto,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.sendComputer(psk, { csr, idempotencyKey: idempotencyKeyOf(request) }, request, response);
  }

  private async sendServer(psk: Psk, wish: OwnKeyWish, request: Request, response: Response): Promise<void> {
    const { fileName, content } = await this.bundles.issueForServer(psk, wish, requestContextOf(request));
    response.status(200).set(attachmentHeaders(fileName, 'application/gzip')).end(content);
  }

  private async sendComputer(psk: Psk, wish: OwnKeyWish, request: Request, response: Response): Promise<void> {
    const { fileName, content } = await this.profiles.issueForComputer(psk, wish, requestContextOf(request));
    response.status(200).set(attachmentHeaders(fileName, PROFILE_TYPE)).end(content);
  }
}
