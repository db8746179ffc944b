import { Credential } from '@libs/auth';
import { Body, Controller, Get, Head, Header, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import type { Psk } from '../psks/psk.entity';
import { PresentedPsk, PskGuard } from '../psks/psk.guard';
import { BundleIssuer } from './bundle-issuer.service';
import { idempotencyKeyOf } from './idempotency';
import { IssuesBundle, Repeatable } from './issues-certificates';
import { OwnKeyDto } from './own-key.dto';
import { attachmentHeaders, PROFILE_TYPE } from './profile-response';
import { type OwnKeyWish, ProfileIssuer } from './profile-issuer.service';
import { requestContextOf } from './request-context';

/** What machines fetch with a pre-shared key. HEAD tells whether the key is good, and uses nothing. */
@ApiTags('Machines')
@Controller('api/v1')
export class BundlesController {
  constructor(
    private readonly bundles: BundleIssuer,
    private readonly profiles: ProfileIssuer,
  ) {}

  /** Whether a key for servers is good. */
  @Head('server/bundle')
  @Credential(PskGuard('server'))
  @Header('Cache-Control', 'no-store')
  @Header('Content-Type', 'application/gzip')
  headServer(): void {
    return;
  }

  /** A server's bundle, with a new certificate and key. */
  @Get('server/bundle')
  @Credential(PskGuard('server'))
  @IssuesBundle(
    'application/gzip',
    'A flat tar.gz: CA chain, certificate, keys, CRL and configuration files of the server.',
  )
  async getServer(@PresentedPsk() psk: Psk, @Req() request: Request, @Res() response: Response): Promise<void> {
    await this.sendServer(psk, {}, request, response);
  }

  /** A server's bundle, with a new certificate. With a `csr` it has no `server.key`. */
  @Post('server/bundle')
  @Credential(PskGuard('server'))
  @HttpCode(200)
  @IssuesBundle(
    'application/gzip',
    'A flat tar.gz: CA chain, certificate, keys, CRL and configuration files of the server.',
  )
  @Repeatable()
  async postServer(
    @PresentedPsk() psk: Psk,
    @Body() { csr }: OwnKeyDto,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.sendServer(psk, { csr, idempotencyKey: idempotencyKeyOf(request) }, request, response);
  }

  /** Whether a key for computers is good. */
  @Head('computer/bundle')
  @Credential(PskGuard('computer'))
  @Header('Cache-Control', 'no-store')
  @Header('Content-Type', PROFILE_TYPE)
  headComputer(): void {
    return;
  }

  /** A computer's profile, with a new certificate and key. */
  @Get('computer/bundle')
  @Credential(PskGuard('computer'))
  @IssuesBundle(PROFILE_TYPE, 'A profile for OpenVPN, with the receipt of the log as comments.')
  async getComputer(@PresentedPsk() psk: Psk, @Req() request: Request, @Res() response: Response): Promise<void> {
    await this.sendComputer(psk, {}, request, response);
  }

  /** A computer's profile, with a new certificate. With a `csr` it has no key. */
  @Post('computer/bundle')
  @Credential(PskGuard('computer'))
  @HttpCode(200)
  @IssuesBundle(PROFILE_TYPE, 'A profile for OpenVPN, with the receipt of the log as comments.')
  @Repeatable()
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
