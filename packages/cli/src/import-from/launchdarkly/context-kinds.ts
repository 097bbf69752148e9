/** Kinds of context that flags and segments ask about, `user` left out: each stands under its name in our contexts. */
export function contextKinds(json: unknown): Set<string> {
  const kinds = new Set<string>();
  const visit = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return;
    if ('contextKind' in part && typeof part.contextKind === 'string' && part.contextKind !== 'user') kinds.add(part.contextKind);
    for (const member of Object.values(part)) visit(member);
  };
  visit(json);
  return kinds;
}
