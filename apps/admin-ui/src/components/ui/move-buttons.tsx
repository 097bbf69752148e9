/** Moves an entry of an ordered list up and down. At an end a button stays where the focus is: a disabled one would lose it. */
import { Button } from './button.tsx';
import { DownIcon, UpIcon } from './icons.tsx';

export interface MoveButtonsProps {
  /** What is moved: `rule 2`. */
  readonly of: string;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  /** A move is on its way. */
  readonly isMoving?: boolean;
  readonly onMove: (step: -1 | 1) => void;
}

const WAYS = [
  { step: -1, word: 'up', Icon: UpIcon },
  { step: 1, word: 'down', Icon: DownIcon },
] as const;

export function MoveButtons({ of, isFirst, isLast, isMoving = false, onMove }: MoveButtonsProps) {
  return WAYS.map(({ step, word, Icon }) => {
    const isAtEnd = step === -1 ? isFirst : isLast;
    return (
      <Button
        key={word}
        look="ghost"
        size="icon"
        aria-label={`Move ${of} ${word}`}
        title={`Move ${word}`}
        aria-disabled={isAtEnd || isMoving || undefined}
        onClick={() => !isAtEnd && !isMoving && onMove(step)}
      >
        <Icon />
      </Button>
    );
  });
}
