import { describe, expectTypeOf, it } from 'vitest';
import type { PHASES, PhaseRow } from './connection.ts';
import type { Row, TRANSITIONS } from './replica-transitions.ts';

/** The cells of a row without which it would still be one: none, if every cell is asked for. */
type Spare<Cells, Whole> = { [Type in keyof Cells]: Omit<Cells, Type> extends Whole ? Type : never }[keyof Cells];

// Shown by the compiler: `npm run check` fails where one of these is not `never`.
describe('a table of transitions does not compile without each of its cells', () => {
  it('as this very check can see', () => {
    expectTypeOf<Spare<{ a: 1; b: 2 }, { a: 1 }>>().toEqualTypeOf<'b'>();
  });

  it('at the end of the SDK', () => {
    expectTypeOf<Spare<typeof TRANSITIONS.connecting, Row<'connecting'>>>().toBeNever();
    expectTypeOf<Spare<typeof TRANSITIONS.greeting, Row<'greeting'>>>().toBeNever();
    expectTypeOf<Spare<typeof TRANSITIONS.live, Row<'live'>>>().toBeNever();
    expectTypeOf<Spare<typeof TRANSITIONS.waiting, Row<'waiting'>>>().toBeNever();
    expectTypeOf<Spare<typeof TRANSITIONS, { readonly [Kind in keyof typeof TRANSITIONS]: Row<Kind> }>>().toBeNever();
  });

  it('at the end of the server', () => {
    expectTypeOf<Spare<typeof PHASES.opening, PhaseRow<'opening'>>>().toBeNever();
    expectTypeOf<Spare<typeof PHASES.live, PhaseRow<'live'>>>().toBeNever();
    expectTypeOf<Spare<typeof PHASES.resyncing, PhaseRow<'resyncing'>>>().toBeNever();
    expectTypeOf<Spare<typeof PHASES, { readonly [Phase in keyof typeof PHASES]: PhaseRow<Phase> }>>().toBeNever();
  });
});
