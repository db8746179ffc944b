import { Answers, Refuses } from '@libs/http';
import { applyDecorators } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import { PROFILE_TYPE } from './profile-response';

const DELIVERED = {
  'Cache-Control': 'Always `no-store`: it is handed out once, and exists nowhere else.',
  'Content-Disposition': 'A file name to save it by.',
};

/** For the API document: what can go wrong wherever a certificate is made. */
const RefusesToIssue = () =>
  applyDecorators(
    Refuses(429, 'too_many_requests'),
    Refuses(502, 'issued_certificate_not_valid', 'log_refused_entry'),
    Refuses(503, 'signing_unavailable', 'issuance_timed_out'),
  );

/** For the API document: a POST that may be repeated. Who brings a key of their own gets the same certificate again. */
export const Repeatable = () =>
  applyDecorators(
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description: '8 to 128 letters, digits or `._~-`. A repetition with the same key makes no second certificate',
    }),
    Refuses(409, 'idempotency_key_in_use', 'idempotency_key_used'),
    Refuses(422, 'invalid_request', 'idempotency_key_reused'),
    Refuses(503, 'certtransparency_unavailable'),
  );

/** For the API document: a handler that sends a profile for a person. */
export const IssuesProfile = () =>
  applyDecorators(
    Answers(200, {
      description: 'A profile for OpenVPN, with the receipt of the log as comments.',
      content: [PROFILE_TYPE],
      headers: {
        ...DELIVERED,
        'VPN-Session-Token': 'Hex; OpenVPN Connect shows it to learn whether the profile is still good.',
        'Certificate-Fingerprint': "SHA-256 of the certificate's DER, lower-case hex.",
      },
    }),
    RefusesToIssue(),
    Refuses(403, 'no_profile_template'),
    Refuses(409, 'profile_limit_reached'),
  );

/** For the API document: a handler that sends what a machine needs. */
export const IssuesBundle = (mediaType: string, description: string) =>
  applyDecorators(Answers(200, { description, content: [mediaType], headers: DELIVERED }), RefusesToIssue());
