import type { Obstacle, Remark } from './imported.ts';

/** Takes notice of what cannot be said, and of what is said otherwise, at JSON Pointers into the file. */
export interface Report {
  readonly refuse: (place: string, sentence: string) => void;
  readonly changed: (place: string, sentence: string) => void;
  readonly add: (remark: Remark) => void;
}

/** What was taken notice of while one flag or segment was translated; the same sentence once. */
export interface Findings extends Report {
  readonly obstacles: Obstacle[];
  readonly remarks: Remark[];
}

export function findings(kind: Obstacle['kind'], key: string): Findings {
  const [obstacles, remarks]: [Obstacle[], Remark[]] = [[], []];
  const add = (remark: Remark) => {
    if (!remarks.some(({ sentence }) => sentence === remark.sentence)) remarks.push(remark);
  };
  return {
    obstacles,
    remarks,
    refuse: (place, sentence) => obstacles.push({ kind, key, place, sentence }),
    changed: (place, sentence) => add({ code: 'changes-meaning', place, sentence }),
    add,
  };
}
