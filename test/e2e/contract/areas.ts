import type { Area } from '../support/contract/contract-case';
import { EVENTS_AND_STATISTICS, SERVERS_AND_AGENTS } from './administration.cases';
import { API_TOKENS } from './api-tokens.cases';
import { BUNDLES } from './bundles.cases';
import { BULK_REVOCATIONS, CERTIFICATES } from './certificates.cases';
import { CRL, OPENVPN_CONNECT } from './connect-and-crl.cases';
import { DOWNLOADS } from './downloads.cases';
import { BULKS, ENTRIES } from './log-entries.cases';
import { CONTEXTS, LOG_SEARCH, PROOFS } from './log-reads.cases';
import { ME } from './me.cases';
import { MY_CERTIFICATES, PROFILES } from './profiles.cases';
import { PROGRAMS } from './programs.cases';
import { PSKS } from './psks.cases';
import { SETTINGS } from './settings.cases';
import { ISSUING, REVOKING } from './signing.cases';
import { USERS } from './users.cases';

/** In the order in which they are sent: what one area leaves behind, later ones may find. */
export const AREAS: readonly Area[] = [
  ...[PSKS, API_TOKENS, SETTINGS, ME, PROFILES, MY_CERTIFICATES, BUNDLES, DOWNLOADS, PROGRAMS, OPENVPN_CONNECT, CRL],
  ...[CERTIFICATES, BULK_REVOCATIONS, EVENTS_AND_STATISTICS, SERVERS_AND_AGENTS, USERS],
  ...[ISSUING, REVOKING, ENTRIES, BULKS, PROOFS, LOG_SEARCH, CONTEXTS],
];
