/** NUL, which no text in Postgres may hold, and halves of surrogate pairs, which no UTF-8 can. */
const UNSTORABLE = /[\0\p{Surrogate}]/gu;

/** A text that came from elsewhere, of which every character can be stored, sent and shown: U+FFFD for those that cannot. */
export function toStorable(text: string): string {
  return text.replace(UNSTORABLE, '\uFFFD');
}
