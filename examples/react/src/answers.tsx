/**
 * What stands behind the page: each row asks for one flag with the hook that it names, and counts how often React drew it. A
 * change of one flag draws one row, because the provider says exactly which flags changed.
 */
import { useContextMutator, useFlag, useOpenFeatureClient } from '@openfeature/react-sdk';
import { useRef, useState } from 'react';
import { asBetaTester, somebodyElse, thisBrowser, type Visitor } from './visitor.ts';

type Default = boolean | string;
const ASKED: readonly (readonly [flagKey: string, codeDefault: Default])[] = [
  ['new-checkout', false],
  ['recommendations', true],
  ['banner-text', ''],
  ['beta-badge', false],
];

export function Answers() {
  return (
    <section className="behind" aria-labelledby="behind-title">
      <div>
        <h2 id="behind-title">Behind this page</h2>
        <p>
          Every flag is decided here, in the browser. Flip one in the admin UI, and the component that asked for it is drawn
          again. The others are not.
        </p>
        <VisitorSwitch />
      </div>
      <div className="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Hook</th>
              <th scope="col">Answer</th>
              <th scope="col">Because</th>
              <th scope="col" className="number">
                Drawn
              </th>
            </tr>
          </thead>
          <tbody>
            {ASKED.map(([flagKey, codeDefault]) => (
              <Answer key={flagKey} flagKey={flagKey} codeDefault={codeDefault} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Answer({ flagKey, codeDefault }: { readonly flagKey: string; readonly codeDefault: Default }) {
  const { value, reason, errorCode } = useFlag(flagKey, codeDefault);
  // Counting what React does is the purpose here; a component that shows a flag needs nothing of the kind.
  const drawn = useRef(0);
  drawn.current++;
  return (
    <tr data-testid={`answer-${flagKey}`} data-value={JSON.stringify(value)} data-drawn={drawn.current}>
      <th scope="row">
        <code>
          useFlag(<b>'{flagKey}'</b>, {JSON.stringify(codeDefault)})
        </code>
      </th>
      <td>
        {/* A key that changes with each drawing starts the animation again. */}
        <code key={drawn.current} className="answer">
          {JSON.stringify(value)}
        </code>
      </td>
      <td>
        {String(errorCode ?? reason)
          .toLowerCase()
          .replaceAll('_', ' ')}
      </td>
      <td className="number">{drawn.current}</td>
    </tr>
  );
}

function VisitorSwitch() {
  const { setContext } = useContextMutator({ defaultContext: true });
  const client = useOpenFeatureClient();
  const [visitor, setVisitor] = useState<Visitor>(thisBrowser);
  const become = (next: Visitor) => {
    setVisitor(next);
    // Nothing to wait for: the new visitor's flags are decided before this returns.
    setContext(next).catch(() => undefined);
    client.track('became somebody else');
  };
  return (
    <div className="visitor">
      <p>
        You are <code data-testid="visitor">{visitor.targetingKey.slice(0, 14)}</code>
      </p>
      <button type="button" data-testid="somebody-else" onClick={() => become(somebodyElse())}>
        Be somebody else
      </button>
      <label>
        <input
          type="checkbox"
          data-testid="beta-tester"
          checked={visitor.email !== undefined}
          onChange={({ target }) => become(asBetaTester(visitor, target.checked))}
        />
        beta tester
      </label>
    </div>
  );
}
