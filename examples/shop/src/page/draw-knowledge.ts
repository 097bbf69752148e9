/** What stands behind the shop: every answer with its reason, the crowd, and how well the page is connected. */
import { type FlagAnswer, SHOP_FLAGS, visitorId } from '../flags.ts';
import { isKnownInBrowser } from './browser-flags.ts';
import { element, flash, part } from './dom.ts';
import type { Visitor } from './visitor.ts';

/** @param server empty while the shop's server is away */
export function drawAnswers(browser: readonly FlagAnswer[], server: readonly FlagAnswer[]): void {
  const table = part('answers');
  for (const { key } of SHOP_FLAGS) {
    const own = browser.find((answer) => answer.key === key);
    drawAnswer(table, key, 'browser', own !== undefined && isKnownInBrowser(own) ? own : undefined);
    drawAnswer(
      table,
      key,
      'server',
      server.find((answer) => answer.key === key),
    );
  }
}

function drawAnswer(table: HTMLElement, key: string, where: 'browser' | 'server', answer: FlagAnswer | undefined): void {
  const id = `answer-${key}-${where}`;
  const known = table.querySelector<HTMLTableRowElement>(`[data-testid="${id}"]`);
  const content = JSON.stringify(answer ?? null);
  if (known?.dataset.content === content) return;

  const row = element(
    'tr',
    {},
    ...(where === 'browser' ? [flagCell(key)] : []),
    element('td', { textContent: where === 'browser' ? 'in this browser' : 'on the server' }),
    ...(answer === undefined ? [absent(where)] : cells(answer)),
  );
  Object.assign(row.dataset, { testid: id, content });
  if (answer !== undefined) row.dataset.value = JSON.stringify(answer.value);
  if (known === null) {
    table.append(row);
    return;
  }
  known.replaceWith(row);
  flash(row);
  if (answer !== undefined && where === 'browser')
    part('news').textContent = `${key} is now ${JSON.stringify(answer.value)} (${answer.reason.toLowerCase()})`;
}

function flagCell(key: string): HTMLElement {
  const cell = element('th', { className: 'flag' }, element('code', { textContent: key }));
  Object.assign(cell, { scope: 'rowgroup', rowSpan: 2 });
  return cell;
}

function cells({ value, variant, reason, errorCode }: FlagAnswer): HTMLElement[] {
  return [
    element('td', {}, element('code', { className: 'value', textContent: JSON.stringify(value) })),
    element('td', { textContent: variant ?? 'code default' }),
    element('td', { textContent: errorCode === null ? reason : `${reason} (${errorCode})` }),
  ];
}

function absent(where: 'browser' | 'server'): HTMLElement {
  const cell = element('td', {
    className: 'absent',
    textContent: where === 'browser' ? 'not sent to browsers' : "the shop's server is away",
  });
  cell.colSpan = 3;
  return cell;
}

/** @param crowd empty while the shop's server is away: the last picture stays */
export function drawCrowd(crowd: readonly boolean[], visitor: Visitor): void {
  if (crowd.length === 0) return;
  const dots = part('crowd');
  if (dots.childElementCount !== crowd.length) dots.replaceChildren(...crowd.map(() => element('span')));
  for (const [index, inNew] of crowd.entries()) {
    const dot = dots.children[index];
    dot?.classList.toggle('in', inNew);
    dot?.classList.toggle('you', index === visitor.index);
  }
  const count = crowd.filter(Boolean).length;
  const text = `${count} of ${crowd.length} visitors get the new checkout; you get the ${crowd[visitor.index] ? 'new' : 'classic'} one.`;
  dots.setAttribute('aria-label', `${text} You are ${visitorId(visitor.index)}.`);
  part('crowd-summary').textContent = text;
}

/** @param server status of the shop server's provider, null while that server is away */
export function drawLink(browser: string, server: string | null): void {
  const state = part('link-state');
  state.textContent = `Provider in this browser: ${browser.toLowerCase()}. On the shop's server: ${(server ?? 'away').toLowerCase()}.`;
  state.dataset.browser = browser;
  state.dataset.server = server ?? 'AWAY';
}
