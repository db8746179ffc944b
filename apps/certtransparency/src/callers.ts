/** Who holds which service keys: the signing service writes, and may read like everybody who holds a reader key. */
export const WRITER = 'writer';
export const READER = 'reader';
/** Whoever may erase private contexts, and nothing else. */
export const ERASER = 'eraser';
