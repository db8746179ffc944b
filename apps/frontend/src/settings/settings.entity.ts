import { UtcColumn } from '@libs/database';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ChosenSettings } from './settings-values';

/** The one row of what administrators have set. */
@Entity('settings')
export class StoredSettings {
  @PrimaryColumn({ type: 'integer', primaryKeyConstraintName: 'settings_pkey' })
  id: number;

  /** Grows by one with every change: whoever changes something says which version they have seen. */
  @Column({ type: 'integer' })
  version: number;

  /** What differs from the defaults; a name that is missing has its default. */
  @Column({ type: 'simple-json' })
  chosen: ChosenSettings;

  @UtcColumn({ name: 'updated_at', nullable: true })
  updatedAt: Date | null;

  @Column({ name: 'updated_by', type: 'varchar', length: 36, nullable: true })
  updatedBy: string | null;
}
