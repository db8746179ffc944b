import { ServiceModule } from '@libs/http';
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { TemplatesModule } from '../issuances/templates.module';
import { Psk } from './psk.entity';
import { PsksController } from './psks.controller';
import { PsksService } from './psks.service';

@Module({
  imports: [ServiceModule, TypeOrmModule.forFeature([Psk]), TemplatesModule],
  controllers: [PsksController],
  providers: [PsksService],
  exports: [PsksService],
})
export class PsksModule {}
