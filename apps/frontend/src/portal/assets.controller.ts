import { Public } from '@libs/auth';
import { Controller, Get, NotFoundException, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { ASSETS } from './assets';

/** The portal's static files, all of which are known beforehand. */
@ApiExcludeController()
@Controller('assets')
export class AssetsController {
  @Public()
  @Get(':name')
  asset(@Req() request: Request, @Res() response: Response): void {
    const asset = ASSETS.get(request.path);
    if (!asset) throw new NotFoundException();
    response.set('Cache-Control', 'public, max-age=31536000, immutable').type(asset.type).send(asset.content);
  }
}
