/** What the shop sells: signal flags, each a few rectangles of the unit square. */
export interface Good {
  readonly name: string;
  readonly meaning: string;
  readonly price: number;
  /** Colour, x, y, width, height. */
  readonly cloth: readonly (readonly [string, number, number, number, number])[];
}

const [RED, YELLOW, BLUE, WHITE, BLACK] = ['#c8322b', '#f2c33d', '#1f4f8f', '#fbfaf5', '#20242a'];

export const BASKET: readonly Good[] = [
  {
    name: 'Kilo',
    meaning: 'I wish to communicate with you',
    price: 34,
    cloth: [
      [YELLOW, 0, 0, 0.5, 1],
      [BLUE, 0.5, 0, 0.5, 1],
    ],
  },
  {
    name: 'Uniform',
    meaning: 'You are running into danger',
    price: 38,
    cloth: [
      [RED, 0, 0, 0.5, 0.5],
      [WHITE, 0.5, 0, 0.5, 0.5],
      [WHITE, 0, 0.5, 0.5, 0.5],
      [RED, 0.5, 0.5, 0.5, 0.5],
    ],
  },
];

export const GOES_WELL: readonly Good[] = [
  {
    name: 'Lima',
    meaning: 'Stop your vessel instantly',
    price: 36,
    cloth: [
      [YELLOW, 0, 0, 0.5, 0.5],
      [BLACK, 0.5, 0, 0.5, 0.5],
      [BLACK, 0, 0.5, 0.5, 0.5],
      [YELLOW, 0.5, 0.5, 0.5, 0.5],
    ],
  },
  {
    name: 'Delta',
    meaning: 'Keep clear of me',
    price: 34,
    cloth: [
      [YELLOW, 0, 0, 1, 0.25],
      [BLUE, 0, 0.25, 1, 0.5],
      [YELLOW, 0, 0.75, 1, 0.25],
    ],
  },
  {
    name: 'Papa',
    meaning: 'All aboard, we are about to sail',
    price: 32,
    cloth: [
      [BLUE, 0, 0, 1, 1],
      [WHITE, 0.3, 0.3, 0.4, 0.4],
    ],
  },
];

export const TOTAL = BASKET.reduce((sum, { price }) => sum + price, 0);
