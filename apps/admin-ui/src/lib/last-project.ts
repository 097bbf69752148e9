import type { Project } from '@yardarm/contract';

/** The project that was open last in this browser, so that the next visit begins there. */
const STORAGE_KEY = 'yardarm.project';

/** Its key; null where none is known. It may be gone by now. */
export function readLastProject(): string | null {
  try {
    return localStorage.getItem(STORAGE_KEY);
  } catch {
    return null;
  }
}

/** The one of these whose pages were open last, else the first of them: what a page that belongs to no project is about. */
export function projectOpenLast(projects: readonly Project[], last = readLastProject()): Project | undefined {
  return projects.find(({ key }) => key === last) ?? projects[0];
}

export function storeLastProject(key: string): void {
  try {
    localStorage.setItem(STORAGE_KEY, key);
  } catch {
    // Storage is blocked: the next visit begins with the first project.
  }
}
