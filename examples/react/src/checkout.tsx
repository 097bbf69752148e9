/** A rollout: `new-checkout` is on for a share of visitors, and stays on for whoever has it. */
import { useBooleanFlagValue } from '@openfeature/react-sdk';
import { TOTAL } from './goods.ts';

export function Checkout() {
  return useBooleanFlagValue('new-checkout', false) ? <OnePage /> : <ThreeSteps />;
}

function OnePage() {
  return (
    <section className="checkout" data-testid="checkout" data-kind="new" aria-labelledby="checkout-title">
      <h2 id="checkout-title">Pay on one page</h2>
      <dl>
        <Line name="Deliver to" value="Quay 4, Berth 12" />
        <Line name="Pay with" value="Card ending 4242" />
        <Line name="Arrives" value="with the morning tide" />
      </dl>
      <button type="button" className="primary">
        Pay {TOTAL} €
      </button>
      <p className="small">No second page. That was it.</p>
    </section>
  );
}

function ThreeSteps() {
  return (
    <section className="checkout" data-testid="checkout" data-kind="classic" aria-labelledby="checkout-title">
      <h2 id="checkout-title">Checkout</h2>
      <ol className="steps">
        <li aria-current="step">Address</li>
        <li>Payment</li>
        <li>Done</li>
      </ol>
      <dl>
        <Line name="Total" value={`${TOTAL} €`} />
      </dl>
      <button type="button" className="primary">
        Continue to address
      </button>
      <p className="small">Step 1 of 3.</p>
    </section>
  );
}

function Line({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
