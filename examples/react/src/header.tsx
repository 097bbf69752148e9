import { useBooleanFlagValue, useOpenFeatureClientStatus, useStringFlagValue } from '@openfeature/react-sdk';

const LINK: { readonly [status: string]: string } = {
  READY: 'live',
  STALE: 'not connected, last known flags',
  ERROR: 'no server, last known flags or defaults',
};

export function Header() {
  return (
    <header className="top">
      <p className="brand">
        Halyard
        <BetaBadge />
      </p>
      <LinkState />
    </header>
  );
}

/** An experiment with texts; the empty one hides it. */
export function Banner() {
  const text = useStringFlagValue('banner-text', '');
  return text === '' ? null : (
    <p className="banner" data-testid="banner">
      {text}
    </p>
  );
}

/** Targeting: on for the segment of beta testers. */
function BetaBadge() {
  return useBooleanFlagValue('beta-badge', false) ? (
    <span className="badge" data-testid="beta-badge">
      beta
    </span>
  ) : null;
}

function LinkState() {
  const status = useOpenFeatureClientStatus();
  return (
    <p className="link" data-testid="link-state" data-status={status}>
      <span className="dot" aria-hidden="true" />
      {LINK[status] ?? 'starting'}
    </p>
  );
}
