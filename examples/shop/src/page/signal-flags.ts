/** Draws a product: each signal flag as coloured shapes on a field of 60 by 40. */

const BLUE = '#1f4fa3';
const RED = '#d23a2e';
const YELLOW = '#f6c62f';
const WHITE = '#fbfaf6';
const BLACK = '#1d1f24';

type Shape = readonly [fill: string, points: string];

const box = (fill: string, x: number, y: number, width: number, height: number): Shape => [
  fill,
  `${x},${y} ${x + width},${y} ${x + width},${y + height} ${x},${y + height}`,
];

const SHAPES: { readonly [id: string]: readonly Shape[] } = {
  bravo: [[RED, '0,0 60,0 42,20 60,40 0,40']],
  charlie: [box(BLUE, 0, 0, 60, 40), box(WHITE, 0, 8, 60, 24), box(RED, 0, 16, 60, 8)],
  delta: [box(YELLOW, 0, 0, 60, 40), box(BLUE, 0, 10, 60, 20)],
  foxtrot: [box(WHITE, 0, 0, 60, 40), [RED, '30,0 60,20 30,40 0,20']],
  hotel: [box(WHITE, 0, 0, 30, 40), box(RED, 30, 0, 30, 40)],
  juliett: [box(BLUE, 0, 0, 60, 40), box(WHITE, 0, 13, 60, 14)],
  kilo: [box(YELLOW, 0, 0, 30, 40), box(BLUE, 30, 0, 30, 40)],
  lima: [box(YELLOW, 0, 0, 60, 40), box(BLACK, 30, 0, 30, 20), box(BLACK, 0, 20, 30, 20)],
  oscar: [box(YELLOW, 0, 0, 60, 40), [RED, '0,0 60,0 60,40']],
  papa: [box(BLUE, 0, 0, 60, 40), box(WHITE, 20, 13, 20, 14)],
  uniform: [box(WHITE, 0, 0, 60, 40), box(RED, 0, 0, 30, 20), box(RED, 30, 20, 30, 20)],
  victor: [box(WHITE, 0, 0, 60, 40), [RED, '0,0 9,0 60,34 60,40 51,40 0,6'], [RED, '60,0 60,6 9,40 0,40 0,34 51,0']],
  whiskey: [box(BLUE, 0, 0, 60, 40), box(WHITE, 10, 8, 40, 24), box(RED, 20, 14, 20, 12)],
  xray: [box(WHITE, 0, 0, 60, 40), box(BLUE, 25, 0, 10, 40), box(BLUE, 0, 15, 60, 10)],
};

export function drawSignalFlag(id: string): SVGSVGElement {
  const namespace = 'http://www.w3.org/2000/svg';
  const drawing = document.createElementNS(namespace, 'svg');
  drawing.setAttribute('viewBox', '0 0 60 40');
  drawing.setAttribute('aria-hidden', 'true');
  drawing.classList.add('signal');
  for (const [fill, points] of SHAPES[id] ?? []) {
    const shape = document.createElementNS(namespace, 'polygon');
    shape.setAttribute('fill', fill);
    shape.setAttribute('points', points);
    drawing.append(shape);
  }
  return drawing;
}
