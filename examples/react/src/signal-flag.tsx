import type { Good } from './goods.ts';

export function SignalFlag({ cloth }: Pick<Good, 'cloth'>) {
  return (
    <svg className="signal-flag" viewBox="0 0 1 1" aria-hidden="true">
      {cloth.map(([fill, x, y, width, height]) => (
        <rect key={`${x} ${y}`} {...{ fill, x, y, width, height }} />
      ))}
    </svg>
  );
}
