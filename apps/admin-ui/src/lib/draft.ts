/** An edit that is not published yet, of anything that consists of members. */
export interface Draft<Edited> {
  /** What it was made from, and that version of it. */
  readonly before: Edited;
  readonly version: number;
  readonly now: Edited;
}

/** The members that an edit changed, which are all that is sent. Empty: it changes nothing. */
export function editedMembers<Edited extends object>({ before, now }: Draft<Edited>): Partial<Edited> {
  const names = Object.keys(before) as (keyof Edited)[];
  const edited = names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(now[name]));
  return Object.fromEntries(edited.map((name) => [name, now[name]])) as Partial<Edited>;
}

/** The draft after an edit; null where it is back at what it was made from, so that what others publish is shown again. */
export function withEdit<Edited extends object>(
  draft: Draft<Edited> | null,
  newest: Omit<Draft<Edited>, 'now'>,
  now: Edited,
): Draft<Edited> | null {
  const next = { ...newest, ...draft, now };
  return Object.keys(editedMembers(next)).length === 0 ? null : next;
}
