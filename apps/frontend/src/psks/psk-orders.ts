import { type FieldError, InvalidRequest } from '@libs/http';
import { Templates } from '@libs/openvpn';
import { isDnsName, parseCommonName } from '@libs/pki';
import { Injectable } from '@nestjs/common';
import { FrontendConfig } from '../config/frontend.config';
import { isNetwork } from '../credentials/networks';
import type { PskKind } from './psk.entity';

/** What an administrator wants of a new PSK. */
export interface NewPsk {
  readonly kind: PskKind;
  /** Default for servers: the name that profiles insist on. */
  readonly commonName?: string | undefined;
  /** Default: the template set `Default` for servers, the group `default` for computers. */
  readonly templateSet?: string | undefined;
  readonly description?: string | undefined;
  readonly allowedNetworks?: readonly string[] | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly expiresAt?: Date | undefined;
  readonly useLimit?: number | undefined;
}

export type CheckedPskOrder = NewPsk & {
  readonly commonName: string;
  readonly templateSet: string;
  /** What is likely to go wrong all the same. */
  readonly warning: string | undefined;
};

/** Completes orders, and refuses those for PSKs that could not work. */
@Injectable()
export class PskOrders {
  constructor(
    private readonly templates: Templates,
    private readonly config: FrontendConfig,
  ) {}

  /** @throws InvalidRequest naming every fault */
  check(order: NewPsk, now: Date): CheckedPskOrder {
    const { server_name: serverName } = this.config.openvpn.site;
    const isServer = order.kind === 'server';
    const commonName = order.commonName ?? (isServer ? serverName : '');
    const templateSet = order.templateSet ?? (isServer ? 'Default' : 'default');
    const faults = [
      ...this.faults(order.kind, commonName, templateSet),
      ...networkFaults(order.allowedNetworks ?? []),
      ...expiryFaults(order.expiresAt, now),
    ];
    if (faults.length > 0) throw new InvalidRequest(faults);
    const isRefused = isServer && commonName !== serverName;
    return { ...order, commonName, templateSet, warning: isRefused ? otherServer(commonName, serverName) : undefined };
  }

  private faults(kind: PskKind, commonName: string, templateSet: string): readonly FieldError[] {
    const what = kind === 'server' ? 'template set' : 'client template';
    const known = kind === 'server' ? this.templates.templateSets : this.templates.clientGroups;
    return [
      ...(isUsableName(kind, commonName) ? [] : [{ field: 'common_name', message: NAME_RULES[kind] }]),
      ...(known.includes(templateSet) ? [] : [{ field: 'template_set', message: `there is no such ${what}` }]),
    ];
  }
}

const NAME_RULES: Readonly<Record<PskKind, string>> = {
  server: 'common_name must be a DNS name of at most 64 characters, in lower case',
  computer: 'common_name must have 1 to 64 characters, none of them a control character, and no blank at either end',
};

function networkFaults(networks: readonly string[]): readonly FieldError[] {
  if (networks.every(isNetwork)) return [];
  const message = 'each of allowed_networks must be an IPv4 or IPv6 network in CIDR notation, or an address';
  return [{ field: 'allowed_networks', message }];
}

function expiryFaults(expiresAt: Date | undefined, now: Date): readonly FieldError[] {
  if (expiresAt === undefined || expiresAt > now) return [];
  return [{ field: 'expires_at', message: 'expires_at must be in the future' }];
}

function otherServer(commonName: string, serverName: string): string {
  return `Profiles insist on a server named ${serverName} (OPENVPN_SERVER_NAME) and will refuse one named ${commonName}`;
}

function isUsableName(kind: PskKind, name: string): boolean {
  if (kind === 'server') return name.length <= 64 && isDnsName(name);
  try {
    return parseCommonName(name) === name;
  } catch {
    return false;
  }
}
