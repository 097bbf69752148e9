/**
 * The same journey by two hands: with a mouse, and by keyboard alone. By keyboard a control counts only when Tab leads to it from where the
 * focus is, so that what loses the focus, or cannot have it, fails the journey.
 */
import type { Locator, Page } from 'playwright-core';

export interface Hands {
  /** Presses a button, follows a link, flips a switch. */
  press(target: Locator): Promise<void>;
  /** The same of one that is locked: nothing should come of it. */
  pressLocked(target: Locator): Promise<void>;
  /** Replaces what a field holds. */
  write(target: Locator, text: string): Promise<void>;
  /** Fills a field for a day, `2031-12-24`. */
  writeDay(target: Locator, day: string): Promise<void>;
  /** Ticks a box, or takes the tick away. */
  tick(target: Locator): Promise<void>;
  /** Chooses an option of a select by what it says. */
  choose(target: Locator, option: string): Promise<void>;
}

/** More than any page has between two of its controls. */
const MAX_TABS = 120;

/** Options that begin alike. */
const MAX_ALIKE = 8;

/** For `describe.each`: whose hands, and how to lay them on a page. */
export const HANDS = [
  { name: 'mouse', of: mouse },
  { name: 'keyboard', of: keyboard },
] as const;

function mouse(_page: Page): Hands {
  return {
    press: (target) => target.click(),
    pressLocked: (target) => target.click({ force: true }),
    async write(target, text) {
      await target.click();
      await target.fill(text);
    },
    writeDay: (target, day) => target.fill(day),
    tick: (target) => target.click(),
    async choose(target, option) {
      await target.selectOption({ label: option });
    },
  };
}

function keyboard(page: Page): Hands {
  const reach = async (target: Locator) => {
    await target.waitFor();
    // Towards it, as a person sees which way it lies; a control before the focus is nearer backwards.
    for (let tabs = 0; tabs < MAX_TABS; tabs++) {
      const way = await target.evaluate((element) => {
        const { activeElement } = document;
        if (activeElement === element) return 'there';
        const isBefore =
          activeElement !== null && activeElement.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_PRECEDING;
        return activeElement !== document.body && isBefore ? 'back' : 'on';
      });
      if (way === 'there') return;
      await page.keyboard.press(way === 'back' ? 'Shift+Tab' : 'Tab');
    }
    throw new Error(`${MAX_TABS} times Tab do not lead to ${target}`);
  };
  const press = async (target: Locator) => {
    await reach(target);
    await page.keyboard.press('Enter');
  };
  return {
    press,
    pressLocked: press,
    async write(target, text) {
      await reach(target);
      await page.keyboard.press('ControlOrMeta+a');
      await page.keyboard.press('Delete');
      await page.keyboard.type(text);
    },
    async writeDay(target, day) {
      const [year, month, dayOfMonth] = day.split('-');
      await reach(target);
      await page.keyboard.type(`${month}${dayOfMonth}${year}`);
    },
    async tick(target) {
      await reach(target);
      await page.keyboard.press('Space');
    },
    async choose(target, option) {
      await reach(target);
      // As people do: the first letters of what it says, and the arrow where others begin like that.
      const [typed] = option.split('…');
      await page.keyboard.type(String(typed).trimEnd());
      for (let steps = 0; (await target.evaluate(pointedAt)) !== option && steps < MAX_ALIKE; steps++)
        await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
    },
  };
}

/** In the page: the option that the keys have come to, in the list of the select where that is open. */
function pointedAt(select: Element): string {
  const { activeElement } = document;
  const option = activeElement instanceof HTMLOptionElement ? activeElement : (select as HTMLSelectElement).selectedOptions[0];
  return option?.label ?? '';
}
