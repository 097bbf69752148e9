/** A kill switch: `recommendations` is on until their service is slow. */
import { FeatureFlag } from '@openfeature/react-sdk';
import { BASKET, GOES_WELL, type Good } from './goods.ts';
import { SignalFlag } from './signal-flag.tsx';

export function Basket() {
  return (
    <div>
      <h1>Your basket</h1>
      <ul className="goods">
        {BASKET.map((good) => (
          <Row key={good.name} good={good} />
        ))}
      </ul>
      <FeatureFlag flagKey="recommendations" defaultValue={true}>
        <section data-testid="recommendations" aria-labelledby="recommendations-title">
          <h2 id="recommendations-title">Goes well with it</h2>
          <ul className="tiles">
            {GOES_WELL.map((good) => (
              <li key={good.name}>
                <SignalFlag cloth={good.cloth} />
                <strong>{good.name}</strong>
                <span>{good.price} €</span>
              </li>
            ))}
          </ul>
        </section>
      </FeatureFlag>
    </div>
  );
}

function Row({ good: { name, meaning, price, cloth } }: { readonly good: Good }) {
  return (
    <li>
      <SignalFlag cloth={cloth} />
      <div>
        <strong>{name}</strong>
        <span className="goods-meaning">{meaning}</span>
      </div>
      <span className="price">{price} €</span>
    </li>
  );
}
