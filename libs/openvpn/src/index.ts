export { packServerBundle, bundleMaterialFiles } from './bundle';
export type { NamedServerKey, ServerBundle } from './bundle';
export { parseConfiguration } from './directives';
export type { Directive, ParsedConfiguration } from './directives';
export { assembleProfile, fileNameOf, InvalidMaterial } from './profile';
export type { ControlChannelKey, ProfileMaterial } from './profile';
export type { TemplateOption } from './options';
export { generateStaticKey, InvalidControlChannelKey, parseStaticKey, printStaticKey } from './static-key';
export { TemplateError, UnknownTemplateChoice, UnsafeValue } from './template-error';
export { isPlainText, quoteArgument } from './template-value';
export type { TemplateContext, TemplateValue } from './template-value';
export { loadTemplates, Templates } from './templates';
export type { ClientDirectives, ClientSubject, ServerFile, ServerSubject } from './templates';
export {
  generateTlsCryptV2ClientKey,
  generateTlsCryptV2ServerKey,
  parseTlsCryptV2ClientKey,
  parseTlsCryptV2ServerKey,
  parseTlsCryptV2ServerKeys,
  printTlsCryptV2ClientKey,
  printTlsCryptV2ServerKey,
  tlsCryptV2ServerKeyId,
  unwrapTlsCryptV2ClientKey,
} from './tls-crypt-v2';
export type { ClientKey, ClientKeyMetadata } from './tls-crypt-v2';
