import type { FrontendConfig } from '../config/frontend.config';

/** What administrators may set while the service runs. The names are those of the API and of the stored row. */
export interface SettingsValues {
  /** What the portal and OpenVPN Connect call this service. Default: `FRONTEND_SITE_NAME`. */
  readonly site_name: string;
  /** Shown on every page of the portal; null: nothing. */
  readonly announcement: string | null;
  /** Days that a person's certificate is asked to be valid for; null: what signing is configured to give. */
  readonly default_validity_days: number | null;
  /** The most days that may be asked for, and those that are without a default; null: signing alone limits them. */
  readonly max_validity_days: number | null;
  /** Valid, unexpired, unrevoked profiles that one person may have at a time; null: any number. */
  readonly max_active_profiles_per_user: number | null;
  /** Devices with a name that may have such a profile of one person; null: any number. */
  readonly max_named_devices_per_user: number | null;
  /** How long the old certificate stays valid after its renewal; 0: it is revoked at once. */
  readonly renewal_overlap_hours: number;
  /** A bulk revocation of more than this share of all active certificates, in percent, is refused unless it says that it is meant. */
  readonly bulk_revocation_fuse_percent: number;
}

/** What differs from the defaults. */
export type ChosenSettings = Partial<SettingsValues>;

/** Changes by name; null puts the default back (RFC 7396), undefined changes nothing. */
export type SettingsChange = { readonly [Name in keyof SettingsValues]?: SettingsValues[Name] | null | undefined };

export type SettingsDefaults = Pick<FrontendConfig, 'siteName'>;

export function defaultSettings({ siteName }: SettingsDefaults): SettingsValues {
  return {
    site_name: siteName,
    announcement: null,
    default_validity_days: null,
    max_validity_days: null,
    max_active_profiles_per_user: null,
    max_named_devices_per_user: null,
    renewal_overlap_hours: 168,
    bulk_revocation_fuse_percent: 20,
  };
}

/** The settings in force. A stored name that this version does not know is left out. */
export function settingsInForce(defaults: SettingsValues, chosen: ChosenSettings): SettingsValues {
  const known = Object.entries(chosen).filter(([name]) => Object.hasOwn(defaults, name));
  return Object.freeze({ ...defaults, ...Object.fromEntries(known) });
}

/** @returns how many days a person's certificate is asked to be valid for; null: as signing is configured */
export function validityDaysOf({ default_validity_days, max_validity_days }: SettingsValues): number | null {
  return default_validity_days ?? max_validity_days;
}

/** @returns what is chosen after the change; what is put back to its default is no longer there */
export function chosenAfter(chosen: ChosenSettings, change: SettingsChange): ChosenSettings {
  const changed = Object.entries(change).filter(([, value]) => value !== undefined);
  const merged = Object.entries({ ...chosen, ...Object.fromEntries(changed) });
  return Object.fromEntries(merged.filter(([, value]) => value !== null));
}
