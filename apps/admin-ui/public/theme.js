// Applies the stored theme before the first paint; see src/lib/theme.ts, which writes it.
try {
  const theme = localStorage.getItem('yardarm.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage is blocked: the system's preference applies.
}
