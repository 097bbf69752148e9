/** What a customer sees: each flag changes one part of the shop. */
import { CATALOGUE, type Product } from '../catalogue.ts';
import { type FlagAnswer, type ShopFlagKey, visitorId } from '../flags.ts';
import { isKnownInBrowser } from './browser-flags.ts';
import { element, flash, part } from './dom.ts';
import { drawSignalFlag } from './signal-flags.ts';
import type { Visitor } from './visitor.ts';

const BASKET = ['papa', 'kilo', 'victor'];
const RECOMMENDED = ['oscar', 'charlie', 'whiskey', 'lima'];
const STEPS = ['Address', 'Delivery', 'Payment'];

const price = new Intl.NumberFormat('en', { style: 'currency', currency: 'EUR' });

/** Draws what never changes. */
export function drawGoods(): void {
  const products = (ids: readonly string[]) => CATALOGUE.filter(({ id }) => ids.includes(id));
  part('basket').replaceChildren(...products(BASKET).map(productLine));
  part('recommended').replaceChildren(...products(RECOMMENDED).map(productCard));
}

/**
 * @param browser the page's own answers, which decide
 * @param server the answers of the shop's server, for flags that are for servers only
 */
export function drawShop(browser: readonly FlagAnswer[], server: readonly FlagAnswer[], visitor: Visitor): void {
  const answerTo = (key: ShopFlagKey) => {
    const own = browser.find((answer) => answer.key === key);
    const other = server.find((answer) => answer.key === key);
    return own === undefined || (!isKnownInBrowser(own) && other !== undefined) ? other?.value : own.value;
  };
  part('visitor').textContent = visitorId(visitor.index);
  part<HTMLInputElement>('beta-tester').checked = visitor.betaTester;
  part('beta-badge').hidden = answerTo('beta-badge') !== true;
  part('recommendations').hidden = answerTo('recommendations') !== true;
  drawBanner(String(answerTo('banner-text') ?? ''));
  drawCheckout(answerTo('new-checkout') === true);
}

function drawBanner(text: string): void {
  const banner = part('banner-text');
  if (banner.textContent === text) return;
  banner.textContent = text;
  banner.hidden = text === '';
  flash(banner);
}

function drawCheckout(onePage: boolean): void {
  const checkout = part('new-checkout');
  const kind = onePage ? 'new' : 'classic';
  if (checkout.dataset.checkout === kind) return;
  checkout.dataset.checkout = kind;
  const total = price.format(
    CATALOGUE.filter(({ id }) => BASKET.includes(id)).reduce((sum, item) => sum + item.priceCents, 0) / 100,
  );
  checkout.replaceChildren(...(onePage ? onePageCheckout(total) : classicCheckout(total)));
  flash(checkout);
}

function onePageCheckout(total: string): HTMLElement[] {
  return [
    element('p', { className: 'kind', textContent: 'The new checkout' }),
    element('p', { textContent: 'Everything on one page. Your address and card are already here.' }),
    button(`Pay ${total} now`),
  ];
}

function classicCheckout(total: string): HTMLElement[] {
  return [
    element('p', { className: 'kind', textContent: 'The checkout you know' }),
    element('ol', { className: 'steps' }, ...STEPS.map((textContent) => element('li', { textContent }))),
    button(`Continue to address · ${total}`),
  ];
}

function button(textContent: string): HTMLButtonElement {
  const made = element('button', { className: 'pay', textContent });
  made.type = 'button';
  return made;
}

export function productLine(product: Product): HTMLLIElement {
  return element(
    'li',
    {},
    drawSignalFlag(product.id),
    element('span', { className: 'name', textContent: product.name }, element('small', { textContent: product.message })),
    element('span', { className: 'price', textContent: price.format(product.priceCents / 100) }),
  );
}

function productCard(product: Product): HTMLLIElement {
  return element(
    'li',
    {},
    drawSignalFlag(product.id),
    element('b', { textContent: product.name }),
    element('span', { textContent: product.message }),
    element('span', { className: 'price', textContent: price.format(product.priceCents / 100) }),
  );
}
