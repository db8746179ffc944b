/** Why a service cannot start, as a sentence for the person at the terminal: printed without a stack. */
export class StartError extends Error {}
