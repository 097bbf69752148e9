/** A place that names the flag and was left as it is, and why. */
export interface Refusal {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** A clause: "the key is handed to 'isOn', which …". */
  readonly reason: string;
}
