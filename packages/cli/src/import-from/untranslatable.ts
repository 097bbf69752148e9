/** Thrown inside a source where its language says something that ours cannot; caught where the flag is made. */
export class Untranslatable extends Error {
  /** JSON Pointer into the file. */
  readonly place: string;

  constructor(place: string, sentence: string) {
    super(sentence);
    this.place = place;
  }
}
