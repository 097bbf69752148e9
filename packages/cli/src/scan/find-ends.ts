/** Where what begins in a text ends. Asked in the order of the text it is read once for each kind of end, whatever has none. */
export interface Ends {
  /** Offset behind the first match of `end` that begins at `from` or later. Undefined: there is none, or its group `not` took part. */
  next(end: string, from: number): number | undefined;
  /** Offset behind the first word `tag` that a line after `from` begins with. */
  nextTag(tag: string, from: number): number | undefined;
}

export function findEnds(text: string): Ends {
  const known = new Map<string, { readonly from: number; readonly start: number; readonly end: number | undefined }>();
  let tags: Map<string, { readonly start: number; readonly end: number }[]> | undefined;
  return {
    next(end, from) {
      const last = known.get(end);
      if (last !== undefined && from >= last.from && from <= last.start) return last.end;
      const pattern = new RegExp(end, 'gm');
      pattern.lastIndex = from;
      const match = pattern.exec(text);
      const isEnd = match !== null && match.groups?.not === undefined;
      const found = { from, start: match?.index ?? Number.POSITIVE_INFINITY, end: isEnd ? pattern.lastIndex : undefined };
      known.set(end, found);
      return found.end;
    },
    nextTag(tag, from) {
      tags ??= tagsIn(text);
      const places = tags.get(tag) ?? [];
      while ((places.at(-1)?.start ?? from) < from) places.pop();
      return places.at(-1)?.end;
    },
  };
}

/** The last one first. */
function tagsIn(text: string): Map<string, { readonly start: number; readonly end: number }[]> {
  const tags = new Map<string, { readonly start: number; readonly end: number }[]>();
  for (const { 0: line, 1: tag = '', index } of [...text.matchAll(/^[ \t]*([A-Z_]\w*)/gm)].reverse()) {
    const place = { start: index, end: index + line.length };
    const places = tags.get(tag);
    if (places === undefined) tags.set(tag, [place]);
    else places.push(place);
  }
  return tags;
}
