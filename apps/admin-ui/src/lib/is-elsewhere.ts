interface Place {
  readonly pathname: string;
  readonly search: object;
}

/** Whether an edit of one place is not to be seen at the other: another page, or the same one in another environment. */
export function isElsewhere(here: Place, there: Place): boolean {
  return here.pathname !== there.pathname || environmentOf(here) !== environmentOf(there);
}

function environmentOf({ search }: Place): unknown {
  return 'environment' in search ? search.environment : undefined;
}
