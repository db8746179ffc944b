import { UnknownTemplateChoice } from '@libs/openvpn';
import { NoProfileTemplate, TemplateChoiceUnknown } from './issuance.errors';

/** Renders, and names what a caller chose wrongly as the caller's fault. A broken template stays ours: 500. */
export function refusingUnknownChoices<T>(render: () => T): T {
  try {
    return render();
  } catch (error) {
    if (!(error instanceof UnknownTemplateChoice)) throw error;
    if (error.kind === 'profile template') throw new NoProfileTemplate();
    throw new TemplateChoiceUnknown(error.message, error);
  }
}
