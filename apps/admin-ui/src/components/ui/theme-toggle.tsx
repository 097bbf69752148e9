import { useState } from 'react';
import { applyTheme, readTheme, type Theme } from '../../lib/theme.ts';
import { Button } from './button.tsx';
import { MoonIcon, SunIcon, SystemIcon } from './icons.tsx';

const NEXT: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' };
const ICONS = { system: SystemIcon, light: SunIcon, dark: MoonIcon };
const WORDS: Record<Theme, string> = { system: 'as the system', light: 'light', dark: 'dark' };

export function ThemeToggle() {
  const [theme, setTheme] = useState(readTheme);
  const Icon = ICONS[theme];
  const label = `Theme: ${WORDS[theme]}. Switch to ${WORDS[NEXT[theme]]}`;
  return (
    <Button
      look="ghost"
      size="icon"
      aria-label={label}
      title={label}
      onClick={() => {
        applyTheme(NEXT[theme]);
        setTheme(NEXT[theme]);
      }}
    >
      <Icon />
    </Button>
  );
}
